"""Samples of every width equal those that other libraries find."""

import io
import struct
import wave
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from eventstore.errors import FormatError
from eventstore.readers.protocol import ByteSource
from eventstore.readers.wav_samples import read_format, read_frames
from eventstore.sound.waveform import FULL_SCALE

SOUND = np.random.default_rng(0).uniform(-1, 1, (300, 2))


def source(data: bytes) -> ByteSource:
    return ByteSource("some.wav", memoryview(data))


def samples(data: bytes) -> np.ndarray:
    there = source(data)
    form = read_format(there)
    return read_frames(there, form, 0, form.frames)


def by_scipy(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    wavfile.write(stream, 8000, values)
    return stream.getvalue()


def by_hand(data: bytes, *, kind: int = 1, channels: int = 1, bits: int = 16, **odd: Any) -> bytes:
    frame = channels * bits // 8
    head = struct.pack("<HHIIHH", kind, channels, 8000, 8000 * frame, frame, bits)
    head += odd.get("extension", b"")
    size: int = odd.get("size", len(data))
    chunks: bytes = odd.get("before", b"") + b"fmt " + struct.pack("<I", len(head)) + head
    body = chunks + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


@pytest.mark.parametrize(("dtype", "bits"), [("u1", 8), ("<i2", 16), ("<i4", 32)])
@pytest.mark.parametrize("channels", [1, 2])
def test_whole_numbers(dtype: str, bits: int, channels: int) -> None:
    scaled = (SOUND[:, :channels] * (2 ** (bits - 1) - 1) + (128 if bits == 8 else 0)).astype(dtype)
    data = by_scipy(scaled)
    shift = 128 if bits == 8 else 0
    expected = (scaled.astype(np.int64) - shift) << (32 - bits)
    assert np.array_equal(samples(data), expected)
    assert read_format(source(data)).rate_hz == 8000


def test_24_bits() -> None:
    stream = io.BytesIO()
    whole = (SOUND * (2**23 - 1)).astype("<i4")
    with wave.open(stream, "wb") as file:
        file.setparams((2, 3, 44_100, 0, "NONE", ""))
        file.writeframes(whole.view("u1").reshape(-1, 4)[:, :3].tobytes())
    assert np.array_equal(samples(stream.getvalue()), whole.astype(np.int64) << 8)


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
def test_floats(dtype: str) -> None:
    found = samples(by_scipy(SOUND.astype(dtype)))
    assert np.array_equal(found, np.rint(SOUND.astype(dtype).astype("f8") * FULL_SCALE))


def test_any_frames() -> None:
    data = source(by_scipy((SOUND * 999).astype("<i2")))
    form = read_format(data)
    whole = read_frames(data, form, 0, 300)
    assert np.array_equal(read_frames(data, form, 7, 20), whole[7:20])
    assert read_frames(data, form, 9, 9).shape == (0, 2)


def test_other_chunks_and_the_extensible_format() -> None:
    raw = np.arange(4, dtype="<i2").tobytes()
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    extension = struct.pack("<HHIH", 22, 16, 3, 1) + bytes(14)
    data = by_hand(raw, kind=0xFFFE, before=odd, extension=extension)
    assert (samples(data) >> 16).ravel().tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_file_that_was_still_written_has_what_is_there(size: int) -> None:
    form = read_format(source(by_hand(bytes(10), size=size)))
    assert (form.frames, form.rest, form.missing) == (5, 0, 0)


def test_a_cut_file() -> None:
    form = read_format(source(by_hand(bytes(9), size=20)))
    assert (form.frames, form.rest, form.missing) == (4, 1, 11)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no WAV file"),
        (b"RIFX" + bytes(8), "no WAV file"),
        (by_hand(bytes(4))[:20], "a chunk fmt that is cut"),
        (by_hand(bytes(4))[:36], "no chunk data"),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "no chunk fmt"),
        (by_hand(bytes(4), kind=2), "samples that are not read; .*found format 2 of 16 bits"),
        (by_hand(bytes(4), bits=12), "samples that are not read"),
        (by_hand(bytes(4), kind=3, bits=16), "samples that are not read"),
        (by_hand(bytes(4), channels=0), "a damaged chunk fmt"),
    ],
)
def test_other_files_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said) as e:
        read_format(source(data))
    assert "ffmpeg" in e.value.hint


@pytest.mark.parametrize("value", [np.nan, np.inf, 17.0])
def test_floats_that_are_no_sound_are_refused(value: float) -> None:
    sound = np.zeros(9, "<f4")
    sound[5] = value
    with pytest.raises(FormatError, match="a sample that is no number") as e:
        samples(by_scipy(sound))
    assert e.value.offset == len(by_scipy(sound)) - 16


@given(st.binary(max_size=80))
def test_no_bytes_crash_it(data: bytes) -> None:
    try:
        samples(b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + data)
    except FormatError:
        return
