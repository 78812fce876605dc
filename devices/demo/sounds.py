"""Simulated sounds to learn on: a shepherd's whistles, the same pitches in four orders.

They are written as class folders of WAV files, ``Train.zip`` and ``Test.zip``, so that they are
ingested as recorded sounds are.
"""

import io
import wave
import zipfile
from pathlib import Path

import numpy as np
from jaxtyping import Float

from eventstore.errors import InvalidInput

RATE_HZ = 16_000
SECONDS = 0.5
WHISTLES = {"rise": (0, 1), "fall": (1, 0), "peak": (0, 1, 0), "dip": (1, 0, 1)}
"""How high a whistle is along its way, 0 = low … 1 = high."""

TEST_EVERY = 4
"""Every fourth whistle of a kind is for testing."""

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_whistle_archives(folder: Path, *, n_each: int = 40, seed: int = 0) -> tuple[Path, Path]:
    """Simulate whistles of four kinds and write them as two archives of class folders.

    Each lasts 0.3 to 0.4 s within half a second, from about 600 Hz to about 2.4 kHz or back, a
    little higher or lower, louder or softer, earlier or later each time, with hiss beneath. All
    kinds have the same spectrum, so that only a network that hears *when* tells them apart.
    **Simulated, not recorded.** The same seed writes the same sounds.

    Args:
        folder: where ``Train.zip`` and ``Test.zip`` are written; made if absent.
        n_each: whistles of each kind.
        seed: of all that differs between them.

    Returns: the paths of the two archives.

    Raises:
        InvalidInput: fewer than four of each kind, too few for a test.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in write_whistle_archives(Path(folder), n_each=4)]
        ['Train.zip', 'Test.zip']
    """
    if n_each < TEST_EVERY:
        message = f"n_each={n_each} leaves kinds of whistles without a test"
        raise InvalidInput(message, hint=f"take {TEST_EVERY} or more")
    folder.mkdir(parents=True, exist_ok=True)
    archives = (folder / "Train.zip", folder / "Test.zip")
    with zipfile.ZipFile(archives[0], "w") as train, zipfile.ZipFile(archives[1], "w") as test:
        for kind, heights in WHISTLES.items():
            for i in range(n_each):
                rng = np.random.default_rng([seed, i, *heights])
                is_test = (i + 1) % TEST_EVERY == 0
                fold, archive = ("Test", test) if is_test else ("Train", train)
                member = zipfile.ZipInfo(f"{fold}/{kind}/{i:03d}.wav", _ZIP_EPOCH)
                archive.writestr(member, wav_file(whistle(heights, rng)))
    return archives


def whistle(heights: tuple[int, ...], rng: np.random.Generator) -> Float[np.ndarray, "n"]:
    """Return one whistle between -1 and 1, half a second of it.

    Args:
        heights: how high it is along its way, 0 = low … 1 = high.
        rng: draws pitch, loudness, length, beginning and hiss.
    """
    n = int(RATE_HZ * SECONDS)
    duration = int(n * rng.uniform(0.6, 0.8))
    begin = int(rng.integers(0, n - duration))
    low_hz, high_hz = 600 * rng.uniform(0.9, 1.1), 2_400 * rng.uniform(0.9, 1.1)
    way = np.interp(np.linspace(0, len(heights) - 1, duration), range(len(heights)), heights)
    pitch_hz = low_hz * (high_hz / low_hz) ** way
    ramp = np.arange(1, duration + 1) / (0.02 * RATE_HZ)
    tone = np.sin(2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ)
    tone *= np.minimum(1, np.minimum(ramp, ramp[::-1]))
    sound = rng.normal(scale=0.003, size=n)
    sound[begin : begin + duration] += rng.uniform(0.2, 0.6) * tone
    return np.asarray(sound)


def wav_file(sound: Float[np.ndarray, "n"]) -> bytes:
    """Return a WAV file of one channel and 16 bits a sample."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    return data.getvalue()
