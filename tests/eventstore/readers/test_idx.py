"""Sequential MNIST: spikes of images against the rule written out, and broken files."""

import gzip
import struct
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import ByteSource, read_source
from eventstore.readers.idx import READER, IdxReader, spikes_of
from eventstore.testing import ReaderContract


def file_of(images: np.ndarray) -> bytes:
    n, rows, columns = images.shape
    return struct.pack(">IIII", 2051, n, rows, columns) + images.astype(np.uint8).tobytes()


def source_of(data: bytes, part: str = "") -> ByteSource:
    return ByteSource("train.idx3-ubyte", memoryview(data), part=part)


def rule(pixels: list[int], channels: int) -> list[tuple[int, int]]:
    """Spell out the crossings, one pixel and one threshold at a time."""
    half = channels // 2
    thresholds = [int(v) for v in np.linspace(0, 254, half)]
    spikes = [(k, 0) for k, value in enumerate(pixels) if value == 255]
    for k, (before, after) in enumerate(pairwise(pixels)):
        for i, threshold in enumerate(thresholds):
            if before < threshold <= after:
                spikes.append((k, channels - i))
            if after < threshold <= before:
                spikes.append((k, channels - half - i))
    return sorted(spikes)


class TestIdx(ReaderContract):
    """The encoding gives events of its own, so what goes in cannot be asked for again."""

    reader = READER
    sensor = Sensor.audio(99)
    streams = False

    def encode(self, events: Events) -> bytes:
        rng = np.random.default_rng(len(events))
        return file_of(rng.integers(0, 256 if len(events) else 1, (1, 28, 28)))

    def test_round_trip(self) -> None:
        first, second = (
            read_source(source_of(self.encode(Events.of(t=[1], x=[1], y=[0])))).load()
            for _ in range(2)
        )
        assert len(first) > 0
        assert first.equals(second)

    def test_parts(self) -> None:
        parts = READER.parts(source_of(file_of(np.zeros((3, 2, 2)))))
        assert [part.name for part in parts] == ["00000", "00001", "00002"]


@given(st.lists(st.integers(0, 255), min_size=1, max_size=40), st.sampled_from([3, 5, 99]))
def test_spikes_are_those_of_the_rule(pixels: list[int], channels: int) -> None:
    events = spikes_of(np.array(pixels, np.uint8), channels, dt_us=10, twice=False)
    assert list(zip(events.t.tolist(), events.x.tolist(), strict=True)) == [
        (10 * k, c) for k, c in rule(pixels, channels)
    ]
    assert (events.x < channels).all()


@given(st.lists(st.integers(0, 255), min_size=1, max_size=40))
def test_doubled_spikes_follow_one_step_later_in_order_of_time(pixels: list[int]) -> None:
    image = np.array(pixels, np.uint8)
    once, twice = (spikes_of(image, 99, dt_us=1000, twice=t) for t in (False, True))
    assert (np.diff(twice.t) >= 0).all()
    expected = [
        (2 * t + late, c) for t, c in zip(once.t, once.x, strict=True) for late in (0, 1000)
    ]
    assert sorted(zip(twice.t.tolist(), twice.x.tolist(), strict=True)) == sorted(expected)


def test_packed_images_read_as_plain_ones() -> None:
    data = file_of(np.random.default_rng(1).integers(0, 256, (4, 5, 6)))
    for k in range(4):
        plain, packed = (
            READER.read(source_of(raw, f"{k:05}")).load() for raw in (data, gzip.compress(data))
        )
        assert plain.equals(packed)
        assert len(plain) > 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no file of images"),
        (file_of(np.zeros((2, 3, 3)))[:-1], "wrong size.*2 images of 3×3"),
        (gzip.compress(file_of(np.zeros((2, 3, 3))), mtime=0)[:-3], "cut short"),
        (b"\x1f\x8b" + b"x" * 30, "not gzip data"),
        (struct.pack(">IIII", 2051, 1, 0, 0), "wrong size"),
    ],
)
def test_broken_files_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        READER.parts(source_of(data))
    assert "fetch it again" in caught.value.hint


def test_an_image_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="no image '00007'") as caught:
        READER.read(source_of(file_of(np.zeros((2, 1, 1))), "00007"))
    assert "00000 … 00001" in caught.value.hint


@pytest.mark.parametrize("options", [{"channels": 98}, {"channels": 1}, {"dt_us": 0}])
def test_options_that_make_no_sense(options: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="no encoding of pixels"):
        IdxReader(**options)  # type: ignore[arg-type]
