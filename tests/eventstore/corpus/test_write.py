"""Our own readers decode every file of the corpus, and the corpus is the same on every machine."""

import json
from pathlib import Path

import numpy as np
import pytest

from eventstore.corpus.case import Case
from eventstore.corpus.write import FAMILIES, corpus_cases, write_corpus
from eventstore.digest import columns_sha256
from eventstore.events import Events
from eventstore.readers import read_file
from eventstore.readers.open import read_source
from eventstore.readers.protocol import ByteSource

CASES = list(corpus_cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file_name)
def test_our_reader_finds_every_event(case: Case) -> None:
    source = ByteSource(case.file_name, memoryview(case.data))
    recording = read_source(source, reader=case.reader)
    events = recording.load()
    assert recording.reader == case.format
    assert events.equals(case.events)
    assert (recording.sensor.width, recording.sensor.height) >= (1, 1)


def test_files_on_disk_carry_their_truth(tmp_path: Path) -> None:
    cases = write_corpus(tmp_path, seed=3)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [entry["file"] for entry in manifest["files"]] == [case.file_name for case in cases]
    for entry in manifest["files"]:
        with np.load(tmp_path / f"{entry['file']}.truth.npz") as truth:
            events = Events.of(t=truth["t"], x=truth["x"], y=truth["y"], p=truth["p"])
        assert columns_sha256(events) == entry["sha256_t_x_y_p"]
        assert read_file(tmp_path / entry["file"]).load().equals(events)


def test_names_are_unique_and_every_family_has_cases() -> None:
    names = [case.file_name for case in CASES]
    assert len(set(names)) == len(names) > len(FAMILIES)


def test_the_same_seed_gives_the_same_bytes() -> None:
    again = {case.file_name: case.data for case in corpus_cases()}
    other = {case.file_name: case.data for case in corpus_cases(seed=1)}
    same = [c for c in CASES if c.suffix not in {".npz", ".h5"}]  # those carry a clock
    assert all(again[case.file_name] == case.data for case in same)
    assert any(other[case.file_name] != case.data for case in same)
