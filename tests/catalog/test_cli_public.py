"""``spikelake public …``."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shutil import make_archive

import pytest
from typer.testing import CliRunner, Result

from catalog.cli_public import app
from catalog.dataset import Dataset
from catalog.public.entry import entry_names
from eventstore.errors import IntegrityError, NotFound
from eventstore.testing import tiny_folders


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def records(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.output.splitlines()]


@pytest.fixture
def toml(tmp_path: Path) -> Iterator[Path]:
    """An entry of one's own, with its files on a web server."""
    web = tmp_path / "web"
    web.mkdir()
    for folder in tiny_folders(tmp_path / "made"):
        make_archive(str(web / folder.name.lower()), "zip", folder.parent, folder.name)
    handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": _quiet})
    serve = partial(handler, directory=str(web))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    files = "".join(
        f'[[files]]\nname = "{path.name}"\nmd5 = "{hashlib.md5(path.read_bytes()).hexdigest()}"\n'
        f'urls = ["http://127.0.0.1:{server.server_port}/{path.name}"]\n'
        for path in sorted(web.iterdir())
    )
    path = tmp_path / "tiny.toml"
    head = 'name = "tiny"\ntitle = "A tiny one"\nlicence = "CC0-1.0"\ncitation = "Nobody 2026"\n'
    layout = 'layout = {name = "class-folders"}\nofficial.official = {train = 4, test = 2}\n'
    path.write_text(head + layout + files)
    yield path
    server.shutdown()
    thread.join()
    server.server_close()


def _quiet(*_: object) -> None:
    """Say nothing."""


def test_list_names_every_dataset() -> None:
    listed = records(run("list", "--json"))
    assert [row["name"] for row in listed] == entry_names()
    table = run("list").output
    assert [name for name in entry_names() if name not in table] == []


@pytest.mark.parametrize("name", entry_names())
def test_show_says_what_is_known(name: str) -> None:
    said = run("show", name)
    assert said.exit_code == 0, said.exception
    (record,) = records(run("show", name, "--json"))
    assert record["name"] == name
    assert str(record["title"])[:20] in said.output


def test_show_of_one(toml: Path) -> None:
    said = run("show", toml).output
    for word in ("A tiny one", "CC0-1.0", "4 train, 2 test", "train.zip", "http://127.0.0.1"):
        assert word in said
    assert run("show", toml, "--toml").output == toml.read_text()
    assert "by hand" in run("show", "dvs-gesture-original").output
    assert isinstance(run("show", "nmnits").exception, NotFound)


def test_add_and_its_rehearsal(toml: Path, tmp_path: Path) -> None:
    into = tmp_path / "ds"
    rehearsed = run("add", toml, "--into", into, "--dry-run")
    assert "train.zip: to-fetch, size unknown" in rehearsed.output
    assert f"would have added A tiny one in {into}" in rehearsed.output
    assert not into.exists()
    statuses = [
        r["status"] for r in records(run("add", toml, "--into", into, "--dry-run", "--json"))
    ]
    assert statuses == ["to-fetch", "to-fetch"]
    (record,) = records(run("add", toml, "--into", into, "--json"))
    assert (record["status"], record["version"], record["added"]) == ("ok", "1.0.0", 6)
    assert record["splits"] == ["official"]
    assert record["digest"] == Dataset.open(into).version().tree
    assert "holds it all already" in run("add", toml, "--into", into).output
    gone = run("add", toml, "--into", into, "--no-keep").output
    assert "downloads removed" in gone
    assert not (into / ".downloads").exists()


def test_add_says_all_that_matters(
    toml: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("add", toml, "--files", "test*").output
    for word in (
        "added 2 recordings, 200 events: tiny@1.0.0",
        "splits: official-part",
        "in tiny/.downloads",
        "licence: CC0-1.0. Cite: Nobody 2026",
    ):
        assert word in said


def test_register_says_how_to_go_on(toml: Path, tmp_path: Path) -> None:
    into = tmp_path / "ds"
    said = run("add", toml, "--into", into, "--register-only").output
    assert f"spikelake public add {toml} --into {into}" in said
    assert Dataset.open(into).versions() == []


def test_by_hand_says_what_to_fetch(tmp_path: Path) -> None:
    command = ("add", "dvs-gesture-original", "--into", tmp_path / "ds")
    refused = run(*command)
    assert isinstance(refused.exception, NotFound)
    rehearsed = run(*command, "--dry-run")
    assert rehearsed.exit_code == 1
    assert "fetch these by hand first" in rehearsed.output
    assert run(*command, "--dry-run", "--register-only").exit_code == 0
    (tmp_path / "DvsGesture.tar.gz").write_bytes(b"\x1f\x8b")
    rehearsed = run(*command, "--dry-run", "--from", tmp_path)
    assert (rehearsed.exit_code, "here" in rehearsed.output) == (0, True)
    assert isinstance(run(*command, "--from", tmp_path).exception, IntegrityError)
