"""``spikelake store …``."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eventstore.cli_store import app
from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from eventstore.sample_stores import sample_recording, write_samples
from eventstore.store import EventStore
from eventstore.verify import check_store

pytestmark = pytest.mark.usefixtures("instant_sync")

N = 8

N_EVENTS = sum(len(sample_recording(i).events) for i in range(N))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_samples(tmp_path / "events.zarr", range(N))
    return tmp_path / "events.zarr"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def facts(*arguments: str | Path) -> dict[str, object]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    record: dict[str, object] = json.loads(done.output)
    return record


def test_verify_fails_where_anything_is_wrong(path: Path) -> None:
    good = run("verify", path)
    assert (good.exit_code, good.output) == (0, f"{path}: everything agrees\n")
    (path / "events" / "x" / "c" / "1").unlink()
    bad = run("verify", path, "--json")
    assert bad.exit_code == 1
    assert {json.loads(line)["check"] for line in bad.output.splitlines()} == {"missing-content"}
    assert isinstance(run("verify", path.with_name("nowhere")).exception, NotFound)


def test_rewrite_and_its_rehearsal(path: Path) -> None:
    digest = EventStore.open(path).digest
    command = ("rewrite", path, "--chunk-events", "32", "--tier", "fast")
    assert "would have rewritten" in run(*command, "--dry-run").output
    assert EventStore.open(path).head.tier == "archive"
    record = facts(*command)
    assert (record["status"], record["digest"], record["tier"]) == ("ok", digest, "fast")
    head = EventStore.open(path).head
    assert (head.layout.chunk_events, head.layout.shard_events, head.digest) == (32, 64, digest)
    assert facts(*command)["status"] == "notneeded"
    assert "is so already" in run(*command).output
    assert "bytes" in run("rewrite", path, "--shard-events", "128").output
    assert isinstance(run("rewrite", path, "--tier", "slow").exception, NotFound)
    assert isinstance(run("rewrite", path, "--chunk-events", "-5").exception, InvalidInput)


def test_a_larger_chunk_makes_its_file_larger(path: Path) -> None:
    facts("rewrite", path, "--chunk-events", "100")
    layout = EventStore.open(path).head.layout
    assert (layout.chunk_events, layout.shard_events) == (100, 100)


def test_remove_and_its_rehearsal(path: Path) -> None:
    n = len(sample_recording(2).events)
    assert facts("remove", path, "r2", "--dry-run")["removed_events"] == n
    assert EventStore.open(path).n_recordings == N
    said = run("remove", path, "r2", "r5").output
    assert said.startswith("removed 2 recordings")
    assert "6 recordings stay" in said
    assert EventStore.open(path).recordings.ids == ["r0", "r1", "r3", "r4", "r6", "r7"]
    assert isinstance(run("remove", path, "r2").exception, NotFound)


def test_the_store_of_a_dataset_is_left_to_its_verbs(path: Path) -> None:
    path.with_name("dataset.yaml").touch()
    done = run("remove", path, "r2")
    assert isinstance(done.exception, InvalidInput)
    assert "dataset remove-recording" in done.exception.hint
    assert isinstance(run("concat", path, "--into", path).exception, InvalidInput)
    assert facts("rewrite", path, "--tier", "fast")["status"] == "ok"


def test_concat_and_its_rehearsal(path: Path, tmp_path: Path) -> None:
    write_samples(tmp_path / "more.zarr", range(20, 23))
    command = ("concat", path, tmp_path / "more.zarr", "--into", tmp_path / "all.zarr")
    assert facts(*command, "--dry-run")["added"] == N + 3
    assert not (tmp_path / "all.zarr").exists()
    record = facts(*command, "--tier", "fast", "--chunk-events", "64")
    store = EventStore.open(tmp_path / "all.zarr")
    assert (record["digest"], record["added_events"]) == (store.digest, store.n_events)
    assert (store.head.tier, store.head.layout.chunk_events) == ("fast", 64)
    for flag in ((), ("--dry-run",)):
        assert isinstance(run(*command, *flag).exception, AlreadyExists)
    write_samples(tmp_path / "other.zarr", range(30, 31))
    assert "added 3 recordings" in run(
        "concat", tmp_path / "more.zarr", "--into", tmp_path / "other.zarr"
    ).output  # fmt: skip


def test_salvage_says_what_is_lost(path: Path, tmp_path: Path) -> None:
    into = tmp_path / "whole.zarr"
    assert facts("salvage", path, "--into", into, "--dry-run")["n_whole"] == N
    (path / "events" / "x" / "c" / "1").unlink()
    (path / "recordings" / "id" / "c" / "1").unlink()
    rehearsed = run("salvage", path, "--into", into, "--dry-run")
    assert (rehearsed.exit_code, into.exists()) == (1, False)
    assert "would have salvaged" in rehearsed.output
    done = run("salvage", path, "--into", into)
    assert done.exit_code == 1
    for words in ("lost: r1#", "warning: recordings/id", "lost 64", "stretches of others", "keep"):
        assert words in done.output, words
    assert check_store(EventStore.open(into)) == []
    assert EventStore.open(into).n_events == N_EVENTS - 64
    record = json.loads(run("salvage", path, "--into", tmp_path / "b.zarr", "--json").output)
    assert record["n_lost"] == 64


def test_salvage_says_what_cannot_be_verified(path: Path, tmp_path: Path) -> None:
    shutil.rmtree(path / "recordings" / "digest" / "c")
    (path / "zarr.json").unlink()
    done = run("salvage", path, "--into", tmp_path / "whole.zarr")
    assert done.exit_code == 0
    assert f"not verified: {N} recordings" in done.output


def test_export_packs_a_store_that_opens(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "events.zarr.zip"
    assert "would have packed" in run("export", path, out, "--dry-run").output
    assert not out.exists()
    record = facts("export", path, out)
    assert (record["recordings"], record["events"]) == (N, N_EVENTS)
    assert record["bytes"] == out.stat().st_size
    assert EventStore.open(out).digest == EventStore.open(path).digest
    assert run("verify", out).exit_code == 0
    assert isinstance(run("export", path, out).exception, AlreadyExists)
    assert isinstance(run("export", path, tmp_path / "events.tar").exception, InvalidInput)
