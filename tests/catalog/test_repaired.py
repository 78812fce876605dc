"""Counts of repairs over a dataset, from provenance of any origin."""

from pathlib import Path

from catalog.repaired import Repaired, repaired_counts
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.store import EventStore


def _report(name: str, changed: int, dropped: int = 0) -> dict[str, object]:
    return {"name": name, "changed": changed, "dropped": dropped, "first": 0}


def test_repairs_are_counted_over_recordings(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    reports: list[object] = [
        [_report("sort", 3), _report("drop-outside", 0, 2)],
        [_report("sort", 4), _report("drop-outside", 0)],
        {"sort": 3},
        [3, {"changed": 1}],
    ]
    with StoreWriter.create(path, Sensor(4, 4)) as writer:
        writer.append("plain", [Events.of(t=[1], x=[1])])
        for k, repairs in enumerate(reports):
            writer.append(f"r{k}", [], provenance={"source": "a", "repairs": repairs})
    counts = repaired_counts(EventStore.open(path))
    assert counts == {"": Repaired(1, 1), "drop-outside": Repaired(1, 2), "sort": Repaired(2, 7)}


def test_a_store_without_its_provenance_has_none_to_tell(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    with StoreWriter.create(path, Sensor(4, 4)) as writer:
        writer.append("r", [], provenance={"repairs": [_report("sort", 1)]})
    (path / "recordings" / "provenance" / "c" / "0").unlink()
    assert repaired_counts(EventStore.open(path)) == {}
