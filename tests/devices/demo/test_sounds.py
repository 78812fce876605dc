import io
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

from devices.demo.sounds import RATE_HZ, WHISTLES, whistle, write_whistle_archives
from eventstore.errors import InvalidInput


def test_archives_hold_folds_of_kinds_that_sound(tmp_path: Path) -> None:
    train, test = write_whistle_archives(tmp_path, n_each=4)
    names = [zipfile.ZipFile(path).namelist() for path in (train, test)]
    assert [len(part) for part in names] == [12, 4]
    assert {name.split("/")[1] for name in names[1]} == set(WHISTLES)
    with wave.open(io.BytesIO(zipfile.ZipFile(test).read("Test/dip/003.wav"))) as file:
        assert file.getparams()[:4] == (1, 2, RATE_HZ, RATE_HZ // 2)
        samples = np.frombuffer(file.readframes(RATE_HZ), "<i2")
    assert 3_000 < np.abs(samples).max() < 32_767


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, again, other = (
        write_whistle_archives(tmp_path / name, n_each=4, seed=seed)[0].read_bytes()
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first == again != other


def test_kinds_have_the_same_spectrum_in_another_order() -> None:
    halves = {}
    for kind, heights in WHISTLES.items():
        sounds = [whistle(heights, np.random.default_rng(i)) for i in range(20)]
        halves[kind] = [np.mean([_pitch(s[part]) for s in sounds]) for part in _HALVES]
    assert halves["rise"][0] < 1_200 < halves["rise"][1]
    assert halves["fall"][1] < 1_200 < halves["fall"][0]
    wholes = [np.mean(halves[kind]) for kind in WHISTLES]
    assert max(wholes) < 1.15 * min(wholes)


_HALVES = (slice(0, RATE_HZ // 4), slice(RATE_HZ // 4, None))


def _pitch(sound: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / RATE_HZ)).sum() / power.sum())


def test_too_few_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="n_each=3 leaves kinds"):
        write_whistle_archives(tmp_path, n_each=3)
