"""Recording a running chip: every spike once, in parts that survive a kill."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from catalog.card import Card
from catalog.dataset import Dataset
from devices.monitor import EventSource, OutputSpikes
from devices.monitor_recording import record_monitor
from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.findings import has_errors
from eventstore.store import EventStore
from eventstore.verify import check_store
from tests.devices.monitor_work import Clockwork


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test Curator")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
    yield Dataset.create(tmp_path / "told", Card(name="told"))
    for folder in tmp_path.rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)


def spikes_of(dataset: Dataset, names: list[str]) -> list[tuple[int, int]]:
    """Return time on the source's clock and channel of every spike stored."""
    with EventStore.open(dataset.root / "events.zarr") as store:
        rows = []
        for name in names:
            row = store.recordings.ids.index(name)
            events = store.read(name)
            origin = int(store.recordings.t_origin_us[row])
            rows += list(zip((events.t + origin).tolist(), events.x.tolist(), strict=True))
    return rows


def expected(n_reads: int) -> list[tuple[int, int]]:
    """Return what the clockwork tells, channel by hand: core 2 first, then core 4."""
    rows = []
    for n in range(50 * n_reads):
        channel = 3 + 2 * (n // 2 % 2) + n // 4 % 2 if n % 2 else n % 3
        rows.append((10 * n, channel))
    return rows


def test_every_spike_is_stored_once_in_parts(dataset: Dataset) -> None:
    told: list[int] = []
    found = record_monitor(Clockwork(5), dataset, "run", part_us=1000, progress=told.append)
    assert isinstance(Clockwork(0), EventSource)
    assert found.recordings == ("run/0000", "run/0001", "run/0002")
    assert (found.n_spikes, found.t_first_us, found.t_last_us) == (250, 0, 2490)
    assert told == [50, 100, 150, 200, 250]
    assert spikes_of(dataset, list(found.recordings)) == expected(5)
    draft = dataset.draft()
    assert draft.recordings.column("recording_id") == list(found.recordings)
    assert all("speck2f, started 20" in text for text in draft.recordings.column("source"))
    with EventStore.open(dataset.root / "events.zarr") as store:
        facts = store.recordings.provenance(1)
    assert (facts["config_digest"], facts["part"]) == ("00ff", 1)
    assert facts["cores"] == [
        {"core": 2, "first_channel": 0, "shape": [3, 1, 1]},
        {"core": 4, "first_channel": 3, "shape": [1, 2, 2]},
    ]


def test_a_part_ends_at_its_number_of_spikes_too(dataset: Dataset) -> None:
    found = record_monitor(Clockwork(2), dataset, "run", part_spikes=30)
    assert len(found.recordings) == 4
    assert spikes_of(dataset, list(found.recordings)) == expected(2)


class Pausing(Clockwork):
    """Is silent after each batch."""

    def read(self) -> OutputSpikes | None:
        self.quiet = not getattr(self, "quiet", True)
        return OutputSpikes.of([]) if self.quiet else super().read()


def test_what_a_silent_source_told_is_not_held_back(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.monitor_recording.IDLE_S", 0)
    found = record_monitor(Pausing(2), dataset, "run", part_us=60_000_000)
    assert len(found.recordings) == 1
    found = record_monitor(Pausing(2), dataset, "short", part_us=501)
    assert len(found.recordings) == 2
    assert spikes_of(dataset, list(found.recordings)) == expected(2)


class Broken(Clockwork):
    """Tells two batches, the second out of order, then is interrupted as by Ctrl-C."""

    def read(self) -> OutputSpikes | None:
        spikes = super().read()
        if spikes is None:
            raise KeyboardInterrupt
        return spikes[np.arange(50)[::-1]] if spikes.t[0] else spikes


def test_an_interrupt_ends_the_recording_and_disorder_is_mended(dataset: Dataset) -> None:
    found = record_monitor(Broken(2), dataset, "run")
    assert found.n_disordered == 49
    assert spikes_of(dataset, ["run/0000"]) == expected(2)
    again = record_monitor(Clockwork(1), dataset, "run", seconds=30)
    assert again.recordings == ("run/0001",)
    assert record_monitor(Clockwork(1), dataset, "other", seconds=0).recordings == ()


@pytest.mark.slow
@pytest.mark.parametrize("die_at", [100, 149, 300])
def test_a_kill_leaves_whole_parts_and_the_next_run_goes_on(dataset: Dataset, die_at: int) -> None:
    code = Path(__file__).with_name("monitor_work.py")
    run = subprocess.run(
        [sys.executable, str(code), str(dataset.root), str(die_at)],
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""},
    )
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    with EventStore.open(dataset.root / "events.zarr") as store:
        assert not has_errors(check_store(store))
        names = list(store.recordings.ids)
    assert 0 < len(names) < 10
    assert spikes_of(dataset, names) == expected(2 * len(names))
    found = record_monitor(Clockwork(20, first=2 * len(names)), dataset, "run", part_us=1000)
    assert found.recordings[0] == f"run/{len(names):04d}"
    draft = dataset.draft()
    listed = draft.recordings.column("recording_id")
    assert spikes_of(dataset, listed) == expected(20 + 2 * len(names))
    assert all(draft.recordings.column("source"))


def test_what_cannot_be_recorded_is_refused(dataset: Dataset) -> None:
    with pytest.raises(InvalidInput, match="parts of 0 µs"):
        record_monitor(Clockwork(1), dataset, "run", part_us=0)
    with StoreWriter.create(dataset.root / "events.zarr", Sensor(8, 8)) as writer:
        writer.append("a", [Events.of(t=[1], x=[1], y=[1], p=[1])])
    with pytest.raises(InvalidInput, match="holds recordings of a camera"):
        record_monitor(Clockwork(1), dataset, "run")
