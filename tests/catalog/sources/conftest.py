"""A dataset of sounds, made from WAV files."""

import io
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from catalog.dataset import Dataset
from catalog.intake import Intake, list_intake

NAMES = ("one/ann_0", "one/bob_0", "two/ann_0", "two/bob_0")


def wav(seed: int, n: int = 800) -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((1, 2, 8_000, n, "NONE", ""))
        samples = np.random.default_rng(seed).normal(0, 3_000, n).cumsum() % 20_000 - 10_000
        file.writeframes(samples.astype("<i2").tobytes())
    return stream.getvalue()


@pytest.fixture
def sounds(tmp_path: Path) -> dict[str, bytes]:
    """Each sound by the id of its recording; they lie in ``tmp_path/words``."""
    made = {name: wav(seed) for seed, name in enumerate(NAMES)}
    for name, data in made.items():
        file = tmp_path / "words" / f"{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return made


@pytest.fixture
def intake(tmp_path: Path, sounds: dict[str, bytes]) -> Intake:
    return list_intake([tmp_path / "words"], reader=None, labels=True, folds=True)


@pytest.fixture
def spoken(empty: Dataset, intake: Intake) -> Iterator[Dataset]:
    """The dataset, with its sources kept, not saved."""
    empty.ingest_intake(intake)
    assert empty.keep_sources(intake).n_added == len(NAMES)
    yield empty
    for folder in empty.root.rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)
