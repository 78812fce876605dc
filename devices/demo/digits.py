"""The embedded dataset: scikit-learn's handwritten digits before a simulated event camera.

They are written as the public N-MNIST is, ``Train.zip`` and ``Test.zip`` of class folders with ATIS
records, so that the demo reads them exactly as it reads recorded archives.
"""

import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from jaxtyping import Float

from eventstore.camera import events_from_video
from eventstore.errors import InvalidInput, MissingExtra
from eventstore.events import Sensor
from eventstore.saccades import saccade_video
from eventstore.writers.atis import encode_atis

SENSOR = Sensor(34, 34)
TEST_EVERY = 5
"""Every fifth digit of a class is for testing."""

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_digit_archives(
    folder: Path, *, n_digits: int | None = None, seed: int = 0
) -> tuple[Path, Path]:
    """Simulate recordings of handwritten digits and write them as two class-folder archives.

    The images are the 1,797 digits of 8×8 pixels that ship with scikit-learn (Alpaydin & Kaynak
    1998); each moves along N-MNIST's three saccades before `eventstore.camera`'s model.
    **Simulated, not recorded.** The same seed writes the same bytes.

    Args:
        folder: where ``Train.zip`` and ``Test.zip`` are written; made if absent.
        n_digits: take only the first so many digits; all where absent.
        seed: of the camera's mismatch and noise.

    Returns: the paths of the two archives.

    Raises:
        MissingExtra: scikit-learn is not installed.
        InvalidInput: fewer than 50 digits, too few for a test of every class.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in write_digit_archives(Path(folder), n_digits=60)]
        ['Train.zip', 'Test.zip']
    """
    images, labels = load_digits()
    if n_digits is not None and n_digits < 50:
        message = f"n_digits={n_digits} leaves classes without a test digit"
        raise InvalidInput(message, hint="take 50 digits or more")
    images, labels = images[:n_digits], labels[:n_digits]
    with ThreadPoolExecutor() as pool:
        seeds = [(seed, i) for i in range(len(images))]
        records = list(pool.map(record_digit, images, seeds))
    folder.mkdir(parents=True, exist_ok=True)
    archives = (folder / "Train.zip", folder / "Test.zip")
    with zipfile.ZipFile(archives[0], "w") as train, zipfile.ZipFile(archives[1], "w") as test:
        seen = np.zeros(10, np.int64)
        for i, (label, record) in enumerate(zip(labels, records, strict=True)):
            seen[label] += 1
            fold, archive = ("Test", test) if seen[label] % TEST_EVERY == 0 else ("Train", train)
            member = zipfile.ZipInfo(f"{fold}/{label}/{i:05d}.bin", _ZIP_EPOCH)
            archive.writestr(member, record, zipfile.ZIP_DEFLATED)
    return archives


def record_digit(image: Float[np.ndarray, "h w"], seed: tuple[int, int]) -> bytes:
    """Return the ATIS records of one digit moved before the simulated camera."""
    frames, times_us = saccade_video(image, SENSOR.width)
    events = events_from_video(frames, times_us, rng=np.random.default_rng(seed))
    return encode_atis(events).tobytes()


def load_digits() -> tuple[Float[np.ndarray, "n h w"], list[int]]:
    """Return the images, 0 = black … 16 = white, and their classes."""
    try:
        from sklearn.datasets import load_digits as load
    except ImportError as error:
        message = f"the demo's digits come with scikit-learn, which does not import: {error}"
        hint = "pip install 'spikelake[demo]', or use recordings: spikelake demo --source FOLDER"
        raise MissingExtra(message, hint=hint) from error
    digits = load()
    return digits.images, [int(label) for label in digits.target]
