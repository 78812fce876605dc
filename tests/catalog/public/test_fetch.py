"""Fetching: mirrors in order, resumed where safe, never wrong bytes."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.public.entry import PublicFile
from catalog.public.fetch import Fetched, Manner, check_room, fetch_file
from eventstore.errors import IntegrityError, InvalidInput, SpikelakeError, Unreachable
from eventstore.retry import Retry

BODY = bytes(range(256)) * 4096
HTML = b"<!doctype html><html><title>Sign in</title></html>"
QUICK = Manner(retry=Retry(attempts=3, first_s=0))


class Server(Protocol):
    asked: list[tuple[str, str, str]]
    served: dict[str, Any]
    held: threading.Event

    def serve(self, path: str, data: bytes, **how: Any) -> str: ...
    def url(self, path: str) -> str: ...
    def dead_url(self) -> str: ...


def entry(*urls: str, name: str = "a.bin", body: bytes = BODY, **facts: Any) -> PublicFile:
    stated = {"size": len(body), "md5": hashlib.md5(body).hexdigest(), **facts}
    return PublicFile(name=name, urls=urls, **stated)


def unstated(*urls: str, name: str = "a.bin") -> PublicFile:
    return PublicFile(name=name, urls=urls)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole_and_checked(mirrors: Server, downloads: Path) -> None:
    file = entry(mirrors.serve("a", BODY))
    got = fetch_file(file, downloads, manner=QUICK)
    assert (got.path.read_bytes(), got.url, got.findings) == (BODY, file.urls[0], ())
    assert got.facts.sha256 == hashlib.sha256(BODY).hexdigest()
    assert names(downloads) == [".a.bin.checked", "a.bin"]


def test_what_is_there_is_not_fetched_again(mirrors: Server, downloads: Path) -> None:
    file = entry(mirrors.serve("a", BODY))
    first = fetch_file(file, downloads, manner=QUICK)
    assert fetch_file(file, downloads).facts == first.facts
    assert len(mirrors.asked) == 1


def test_what_is_there_and_wrong_is_refused_and_kept(mirrors: Server, downloads: Path) -> None:
    file = entry(mirrors.serve("a", BODY))
    fetch_file(file, downloads, manner=QUICK)
    (downloads / "a.bin").write_bytes(BODY[:-1] + b"x")
    with pytest.raises(IntegrityError, match="md5: expected"):
        fetch_file(file, downloads, manner=QUICK)
    assert (downloads / "a.bin").exists()


def test_dead_then_corrupt_then_good(mirrors: Server, downloads: Path) -> None:
    wrong = mirrors.serve("wrong", BODY[:-1] + b"x")
    good = mirrors.serve("good", BODY)
    dead = mirrors.dead_url()
    got = fetch_file(entry(dead, wrong, good), downloads, manner=QUICK)
    assert (got.url, got.path.read_bytes()) == (good, BODY)
    first, second = got.findings
    assert dead in first.message
    assert "refused" in first.message.lower()
    assert wrong in second.message
    assert "md5: expected" in second.message
    assert names(downloads) == [".a.bin.checked", "a.bin"]


def test_all_mirrors_failing_tells_of_each(mirrors: Server, downloads: Path) -> None:
    wrong, dead = mirrors.serve("wrong", BODY[:-1] + b"x"), mirrors.dead_url()
    with pytest.raises(IntegrityError) as caught:
        fetch_file(entry(dead, wrong, mirrors.url("absent")), downloads, manner=QUICK)
    assert dead in caught.value.message
    assert wrong in caught.value.message
    assert "answers 404" in caught.value.message
    assert not (downloads / "a.bin").exists()
    with pytest.raises(Unreachable, match=r"all mirrors failed \(1\)"):
        fetch_file(entry(dead), downloads, manner=QUICK)


CASES: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "firewall": (BODY, {"statuses": [202] * 9}, "answers 202 without the file: a firewall"),
    "page": (HTML, {}, r"an HTML page, not the file \(title: Sign in\)"),
    "empty": (b"", {}, "an empty file"),
    "empty-unsaid": (b"", {"length": False}, "an empty file"),
    "no-zip": (BODY, {}, r"not a \.zip: it begins"),
    "forbidden": (BODY, {"statuses": [403]}, "answers 403 Forbidden"),
    "gone": (BODY, {"statuses": [410]}, "answers 410 Gone"),
    "failing": (BODY, {"statuses": [500] * 9}, "answers 500"),
    "no-content": (BODY, {"statuses": [204]}, "answers 204 without the file"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_the_file_is_told_apart(mirrors: Server, downloads: Path, case: str) -> None:
    data, how, said = CASES[case]
    url = mirrors.serve("a", data, **how)
    with pytest.raises(SpikelakeError, match=said):
        fetch_file(unstated(url, name="a.zip"), downloads, manner=QUICK)
    assert [name for name in names(downloads) if not name.startswith(".")] == []


def test_a_page_of_another_size_is_seen_at_once(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", HTML, headers={"Content-Type": "text/html; charset=utf-8"})
    with pytest.raises(IntegrityError, match=r"has 50 bytes \(it is an HTML page\), its publisher"):
        fetch_file(entry(url), downloads, manner=QUICK)


def test_passing_failures_are_tried_again(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, statuses=[503, 429], headers={"Retry-After": "0"})
    assert fetch_file(entry(url), downloads, manner=QUICK).findings == ()
    assert len(mirrors.asked) == 3


def test_lasting_failures_are_not(mirrors: Server, downloads: Path) -> None:
    with pytest.raises(Unreachable):
        fetch_file(entry(mirrors.url("absent")), downloads, manner=QUICK)
    assert len(mirrors.asked) == 1


def test_a_host_that_wants_a_long_pause_is_left(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, statuses=[503] * 9, headers={"Retry-After": "3600"})
    with pytest.raises(Unreachable):
        fetch_file(entry(url), downloads, manner=QUICK)
    assert len(mirrors.asked) == 1


def test_a_broken_connection_goes_on_where_it_was(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, breaks=[1000] * 7)
    assert fetch_file(entry(url), downloads, manner=QUICK).path.read_bytes() == BODY
    assert mirrors.asked[1] == ("/a", "bytes=1000-", '"first"')
    assert mirrors.asked[-1] == ("/a", "bytes=7000-", '"first"')


def test_a_server_without_ranges_starts_over(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, breaks=[1000, 2000], ranges=False)
    assert fetch_file(entry(url), downloads, manner=QUICK).path.read_bytes() == BODY


def test_no_progress_ends_in_failure(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, breaks=[1000] * 99, ranges=False)
    with pytest.raises(Unreachable, match="broke off after 1,000 of 1,048,576 bytes"):
        fetch_file(entry(url), downloads, manner=QUICK)


def test_a_later_run_goes_on(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, breaks=[5000, 0, 0, 0])
    file = entry(url)
    with pytest.raises(Unreachable):
        fetch_file(file, downloads, manner=QUICK)
    assert fetch_file(file, downloads, manner=QUICK).path.read_bytes() == BODY
    assert mirrors.asked[-1] == ("/a", "bytes=5000-", '"first"')


@pytest.mark.parametrize("heeds", [True, False])
def test_a_file_that_changed_is_begun_anew(mirrors: Server, downloads: Path, heeds: bool) -> None:
    """Also where the server goes on with the new file, whatever ``If-Range`` said."""
    url = mirrors.serve("a", b"old" * 9999, breaks=[5000, 0, 0, 0])
    with pytest.raises(Unreachable):
        fetch_file(unstated(url), downloads, manner=QUICK)
    mirrors.serve("a", BODY, etag='"second"', heeds_if_range=heeds)
    assert fetch_file(unstated(url), downloads, manner=QUICK).path.read_bytes() == BODY


def test_without_validator_and_checksum_nothing_is_taken_up(
    mirrors: Server, downloads: Path
) -> None:
    url = mirrors.serve("a", BODY, breaks=[5000, 0, 0], etag="")
    with pytest.raises(Unreachable):
        fetch_file(unstated(url), downloads, manner=QUICK)
    fetch_file(unstated(url), downloads, manner=QUICK)
    assert mirrors.asked == [("/a", "", "")] * 4


def test_a_date_serves_where_the_etag_is_weak(mirrors: Server, downloads: Path) -> None:
    when = "Sat, 28 Nov 2026 12:00:00 GMT"
    url = mirrors.serve("a", BODY, breaks=[5000], etag='W/"x"', modified=when)
    assert fetch_file(unstated(url), downloads, manner=QUICK).path.read_bytes() == BODY
    assert mirrors.asked[-1] == ("/a", "bytes=5000-", when)


def test_damaged_leftovers_cost_one_more_download(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, breaks=[5000, 0, 0, 0])
    with pytest.raises(Unreachable):
        fetch_file(entry(url), downloads, manner=QUICK)
    (left,) = downloads.glob(".a.bin.*.partial")
    left.write_bytes(bytes(5000))  # as a power cut leaves it
    got = fetch_file(entry(url), downloads, manner=QUICK)
    assert (got.path.read_bytes(), got.findings) == (BODY, ())


def test_without_checksum_only_synced_bytes_are_taken_up(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, breaks=[5000, 0, 0, 0])
    with pytest.raises(Unreachable):
        fetch_file(unstated(url), downloads, manner=QUICK)
    (left,) = downloads.glob(".a.bin.*.partial")
    with left.open("ab") as file:
        file.write(bytes(3000))  # written by a run that was killed, and lost by a power cut
    assert fetch_file(unstated(url), downloads, manner=QUICK).path.read_bytes() == BODY
    assert mirrors.asked[-1] == ("/a", "bytes=5000-", '"first"')


def test_mirrors_are_never_mixed(mirrors: Server, downloads: Path) -> None:
    """The first breaks off for good; of the second all bytes are asked for."""
    first = mirrors.serve("first", BODY, breaks=[5000, 0, 0, 0])
    second = mirrors.serve("second", BODY)
    got = fetch_file(entry(first, second), downloads, manner=QUICK)
    assert (got.url, mirrors.asked[-1]) == (second, ("/second", "", ""))
    assert names(downloads) == [".a.bin.checked", "a.bin"]


def test_a_whole_file_not_yet_in_place_is_not_fetched_again(
    mirrors: Server, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = entry(mirrors.serve("a", BODY))
    with monkeypatch.context() as patch:
        patch.setattr("catalog.public.partial.Partial.settle", _killed)
        with pytest.raises(KeyboardInterrupt):
            fetch_file(file, downloads, manner=QUICK)
    assert fetch_file(file, downloads, manner=QUICK).path.read_bytes() == BODY
    assert len(mirrors.asked) == 1


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_answer_without_length_ends_where_it_ends(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, length=False)
    got = fetch_file(unstated(url), downloads, manner=QUICK)
    assert got.path.read_bytes() == BODY
    (finding,) = got.findings
    assert hashlib.sha256(BODY).hexdigest() in finding.message


def test_an_answer_without_length_that_is_too_long_is_stopped(
    mirrors: Server, downloads: Path
) -> None:
    url = mirrors.serve("a", BODY + b"x", length=False)
    with pytest.raises(IntegrityError, match="sends more than the 1,048,576 bytes"):
        fetch_file(entry(url), downloads, manner=QUICK)


def test_silence_is_a_failure(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, holds_at=5000)
    patience = Manner(retry=Retry(attempts=1, first_s=0), timeout_s=0.05)
    with pytest.raises(Unreachable, match="says nothing any more"):
        fetch_file(entry(url), downloads, manner=patience)


def test_room_is_looked_for_before(
    mirrors: Server, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_room(downloads, 1)
    usage = shutil.disk_usage(downloads.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(InvalidInput, match=r"1,048,576 bytes are still to come, .* for 1,000"):
        fetch_file(entry(mirrors.serve("a", BODY)), downloads, manner=QUICK)


def test_a_full_disk_is_no_fault_of_the_mirror(
    mirrors: Server, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("catalog.public.partial.Partial.write", full)
    with pytest.raises(OSError, match="No space left"):
        fetch_file(entry(mirrors.serve("a", BODY)), downloads, manner=QUICK)


def test_progress_is_told(mirrors: Server, downloads: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    manner = Manner(progress=lambda name, done, total: told.append((name, done, total)))
    fetch_file(entry(mirrors.serve("a", BODY)), downloads, manner=manner)
    assert told[-1] == ("a.bin", len(BODY), len(BODY))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_file_by_hand_has_no_mirror(downloads: Path) -> None:
    with pytest.raises(Unreachable, match="fetched by hand"):
        fetch_file(entry(), downloads, manner=QUICK)


FETCH = """
import sys
from pathlib import Path
from catalog.public.entry import PublicFile
from catalog.public.fetch import fetch_file
url, folder, md5, size = sys.argv[1:]
fetch_file(PublicFile(name="a.bin", urls=(url,), md5=md5, size=int(size)), Path(folder))
"""


def test_a_killed_run_is_gone_on_with(mirrors: Server, downloads: Path) -> None:
    url = mirrors.serve("a", BODY, holds_at=700_000)
    file = entry(url)
    command = [sys.executable, "-c", FETCH, url, str(downloads), file.md5, str(file.size)]
    child = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert mirrors.held.wait(60)
    child.send_signal(signal.SIGKILL)
    child.wait(60)
    assert not (downloads / "a.bin").exists()
    mirrors.served["/a"].holds_at = None
    assert fetch_file(file, downloads, manner=QUICK).path.read_bytes() == BODY


class Trouble(NamedTuple):
    """What the mirrors of one try do."""

    breaks: list[int]
    corrupt: bool
    etag: str
    ranges: bool


troubles = st.builds(
    Trouble,
    breaks=st.lists(st.integers(0, 4000), max_size=4),
    corrupt=st.booleans(),
    etag=st.sampled_from(['"first"', 'W/"weak"', ""]),
    ranges=st.booleans(),
)


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(tries=st.lists(st.lists(troubles, min_size=1, max_size=3), min_size=1, max_size=3))
def test_never_wrong_bytes(
    mirrors: Server, tmp_path_factory: pytest.TempPathFactory, tries: list[list[Trouble]]
) -> None:
    """Whatever mirrors do over several runs: the right file, or an error and no file."""
    body = BODY[:4096]
    folder = tmp_path_factory.mktemp("never")
    for one_try in tries:
        urls = []
        for k, trouble in enumerate(one_try):
            data = body[:-7] + bytes(7) if trouble.corrupt else body
            how = {"breaks": list(trouble.breaks), "etag": trouble.etag, "ranges": trouble.ranges}
            urls.append(mirrors.serve(f"m{k}", data, **how))
        _check_outcome(lambda file: fetch_file(file, folder, manner=QUICK), urls, folder, body)


def _check_outcome(
    act: Callable[[PublicFile], Fetched], urls: list[str], folder: Path, body: bytes
) -> None:
    try:
        act(entry(*urls, body=body))
    except SpikelakeError:
        assert not (folder / "a.bin").exists()
    else:
        assert (folder / "a.bin").read_bytes() == body
