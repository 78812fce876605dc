"""Files read from end to end are fetched once each, with their whole index."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventstore import files_whole
from eventstore.errors import MissingContent
from eventstore.files import Files
from eventstore.files_whole import WholeFiles
from eventstore.store import EventStore
from eventstore.verify import check_store


def test_each_file_is_fetched_once_and_few_are_kept(
    tmp_path: Path, counted_files: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(name.encode() * 4)
    monkeypatch.setattr(files_whole, "KEPT", 2)
    counted = counted_files(tmp_path)
    files = WholeFiles(counted)
    assert isinstance(files, Files)
    found = files.read_ranges([("a", 1, 3), ("b", -1, None), ("a", 0, 9)])
    assert [bytes(part) for part in found] == [b"aa", b"b", b"aaaa"]
    files.read("b")
    files.read("c")
    files.read("b")
    assert [[key for key, _, _ in call] for call in counted.take_calls() if call] == [
        ["a", "b"], ["c"],
    ]  # fmt: skip
    files.read("a")
    assert counted.take_calls() == [[("a", 0, None)]]
    assert (files.size("a"), files.has("x"), files.where("a")) == (4, False, str(tmp_path / "a"))
    with pytest.raises(MissingContent):
        files.read("x")
    files.close()


def test_a_remote_store_is_verified_with_its_indexes(sample_store: Path, web_server: Any) -> None:
    shard = web_server.folder / "events.zarr" / "events" / "y" / "c" / "1"
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1  # the checksum of the index, which reading a slice does not look at
    shard.write_bytes(data)
    store = EventStore.open(f"{web_server.url}/events.zarr", cache=None)
    assert len(store.read_rows(64, 80)) == 16
    findings = check_store(store)
    assert {finding.where.partition("#")[0] for finding in findings} == {"r4", "r5"}
    assert all("events/y/c/1" in finding.message for finding in findings)
