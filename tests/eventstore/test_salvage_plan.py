"""The plan of a salvage says what becomes of each recording, and changes nothing."""

import json
from pathlib import Path

import pytest

from eventstore.errors import NotFound
from eventstore.packing import pack_store
from eventstore.salvage_plan import plan_salvage
from eventstore.sample_stores import write_samples
from eventstore.store import EventStore
from eventstore.tables import encode_texts

pytestmark = pytest.mark.usefixtures("instant_sync")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_samples(tmp_path / "events.zarr", range(8))
    return tmp_path / "events.zarr"


def test_a_whole_store_is_complete(path: Path) -> None:
    plan = plan_salvage(path)
    assert plan.report.is_complete
    assert [part.recording_id for part in plan.parts] == [f"r{i}" for i in range(8)]
    assert plan.report.digest == ""


def test_nothing_is_changed_and_facts_are_json(path: Path) -> None:
    (path / "events" / "x" / "c" / "1").unlink()
    before = {p: p.read_bytes() for p in path.rglob("*") if p.is_file()}
    report = plan_salvage(path).report
    assert {p: p.read_bytes() for p in path.rglob("*") if p.is_file()} == before
    facts = json.loads(json.dumps(report.to_dict()))
    assert facts["n_lost"] == sum(lost["n_events"] for lost in facts["lost"]) == 64
    assert facts["n_events"] + 64 == EventStore.open(path).n_events
    assert not report.is_complete


def test_stretches_say_what_they_are_a_part_of(path: Path) -> None:
    (path / "events" / "x" / "c" / "1").unlink()
    plan = plan_salvage(path)
    pieces = [part for part in plan.parts if part.salvaged]
    assert len(pieces) == len(plan.report.pieces) > 0
    for part in pieces:
        assert part.salvaged is not None
        said = part.salvaged
        assert part.recording_id == f"{said['of']}#{said['t_start_us']}-{said['t_stop_us']}"
        assert plan.store.recordings[part.row].start + int(str(said["first_event"])) == part.start


@pytest.mark.parametrize("twin", ["r0", "a\tb", ""])
def test_ids_that_a_store_refuses_are_changed(path: Path, twin: str) -> None:
    names = ["r0", twin, "r2", "r3"]
    (path / "recordings" / "id" / "c" / "0").write_bytes(encode_texts(names, 4))
    plan = plan_salvage(path)
    name = {"r0": "r0~2", "a\tb": "ab", "": "row-1"}[twin]
    assert [part.recording_id for part in plan.parts][:3] == ["r0", name, "r2"]
    assert plan.report.findings[0].check == "id"


def test_a_store_between_two_renames_is_found(path: Path, tmp_path: Path) -> None:
    path.rename(tmp_path / ".events.zarr.old")
    assert plan_salvage(path).report.is_complete
    with pytest.raises(NotFound, match="no event store at"):
        plan_salvage(tmp_path / "nowhere")


def test_a_packed_store_is_looked_through(path: Path) -> None:
    with EventStore.open(path) as store:
        packed = pack_store(store, path.with_name("events.zarr.zip"))
        shard = store.files.read("events/x/c/1")
    data = packed.read_bytes()
    at = data.index(shard)
    packed.write_bytes(data[:at] + bytes(20) + data[at + 20 :])
    report = plan_salvage(packed).report
    assert 0 < report.n_lost <= 32
