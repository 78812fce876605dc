"""Saving a version of a dataset after more recordings were appended to its store."""

import os
import time
import zipfile
from pathlib import Path

from bench_data import DATA, Bench
from bench_rows import Row, Target
from bench_timing import Spread
from catalog.card import Card
from catalog.dataset import Dataset

APPENDED = 20  # recordings before each save


def measure(bench: Bench) -> list[Row]:
    """Time only the save: checks, reference map, git-annex, commit and tag."""
    for role in ("AUTHOR", "COMMITTER"):
        os.environ[f"GIT_{role}_NAME"] = "Benchmark"
        os.environ[f"GIT_{role}_EMAIL"] = "benchmark@example.org"
    dataset = Dataset.create(bench.folder / "dataset", Card(name="nmnist"))
    dataset.ingest([DATA / "nmnist-small" / "Train.zip"])
    dataset.save("1.0.0")
    files = _test_files(bench.folder / "appended")
    seconds = []
    for k in range(min(bench.rounds, len(files) // APPENDED)):
        dataset.ingest(files[k * APPENDED : (k + 1) * APPENDED], labels_from=None)
        start = time.perf_counter()
        dataset.save(f"1.{k + 1}.0")
        seconds.append(time.perf_counter() - start)
    with dataset.draft().store as store:
        events = store.n_events / 1e6
    return [
        Row(
            name="version-save",
            quantity="saving a version after appending to the last shard",
            unit="s",
            better="lower",
            ours=Spread.of(seconds),
            target=Target(of="ours", bound=1.5),
            note=(
                f"{APPENDED} recordings appended before each save; {events:.1f} million events in "
                "two shards at the end. Ingest is not timed."
            ),
        )
    ]


def _test_files(folder: Path) -> list[Path]:
    with zipfile.ZipFile(DATA / "nmnist-small" / "Test.zip") as archive:
        archive.extractall(folder)
    return sorted(folder.rglob("*.bin"))
