"""The samples of a WAV file, as whole numbers of 32 bits whatever the file has.

    RIFF | size u4 | WAVE | chunks: name 4 | size u4 | data, padded to 2
    fmt    format u2 | channels u2 | rate u4 | bytes a second u4 | bytes a frame u2 | bits u2 | …
           format 1 whole numbers (8 bits: from 0 on), 3 floats, 0xFFFE: it stands at byte 24
    data   frames: a sample of each channel

A file that was still being written says that its data has 0 or 2^32 - 1 bytes: all that is there.
Format: IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0".
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.errors import FormatError
from eventstore.readers.protocol import ByteSource
from eventstore.sound.waveform import FULL_SCALE

HINT = "convert it to plain WAV of 8 to 32 bits, as ffmpeg -c:a pcm_s16le does"

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_WIDTHS = {_PCM: (8, 16, 24, 32), _FLOAT: (32, 64)}
_UNKNOWN = (0, 0xFFFFFFFF)
_FLOAT_LIMIT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class WavFormat:
    """How the samples of a file lie.

    Args:
        is_float: samples are floats.
        bits: of a sample.
        channels: samples of a frame.
        rate_hz: frames in a second.
        start: byte of the first frame.
        frames: how many are there.
        rest: bytes of an unfinished one behind them.
        missing: bytes that should follow and do not.
    """

    is_float: bool
    bits: int
    channels: int
    rate_hz: int
    start: int
    frames: int
    rest: int
    missing: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame."""
        return self.channels * self.bits // 8


def read_format(source: ByteSource) -> WavFormat:
    """Go through the chunks of a file up to its samples.

    Raises:
        FormatError: this is no WAV file, or one whose samples are packed.
    """
    data = source.data
    if bytes(data[:4]) != b"RIFF" or bytes(data[8:12]) != b"WAVE":
        raise _error(source, 0, "no WAV file", "RIFF … WAVE", repr(bytes(data[:12])))
    at, facts = 12, None
    while at + 8 <= len(data):
        name, size = bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            facts = _facts(source, at + 8, size)
        elif name == b"data" and facts is not None:
            return _placed(facts, at + 8, size, len(data))
        at += 8 + size + size % 2
    wanted = "fmt" if facts is None else "data"
    raise _error(source, min(at, len(data)), f"no chunk {wanted}", wanted, "the end of the file")


def read_frames(
    source: ByteSource, form: WavFormat, start: int, stop: int
) -> Int64[np.ndarray, "n c"]:
    """Return frames ``start … stop - 1``; full scale is 2^31.

    Raises:
        FormatError: a float is none, or absurdly large.
    """
    at = form.start + start * form.frame_bytes
    raw = source.data[at : form.start + stop * form.frame_bytes]
    if form.is_float:
        with np.errstate(invalid="ignore"):  # of a NaN that signals
            floats = np.frombuffer(raw, f"<f{form.bits // 8}").astype(np.float64)
        bad = ~(np.abs(floats) <= _FLOAT_LIMIT)
        if bool(bad.any()):
            first = int(np.argmax(bad))
            found = str(floats[first])
            at += first * form.bits // 8
            raise _error(source, at, "a sample that is no number", "about -1 … 1", found)
        samples = np.rint(floats * FULL_SCALE).astype(np.int64)
    elif form.bits == 8:
        samples = (np.frombuffer(raw, np.uint8).astype(np.int64) - 128) << 24
    elif form.bits == 24:
        wide = np.zeros((len(raw) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        samples = wide.view("<i4").ravel().astype(np.int64)
    else:
        samples = np.frombuffer(raw, f"<i{form.bits // 8}").astype(np.int64) << (32 - form.bits)
    return samples.reshape(-1, form.channels)


@dataclass(frozen=True, slots=True)
class _Facts:
    is_float: bool
    bits: int
    channels: int
    rate_hz: int


def _facts(source: ByteSource, at: int, size: int) -> _Facts:
    body = source.data[at : at + size]
    if len(body) < 16:
        raise _error(source, at, "a chunk fmt that is cut", "16 bytes", f"{len(body)}")
    kind, channels, rate, frame_bytes, bits = (
        int.from_bytes(body[start:stop], "little")
        for start, stop in ((0, 2), (2, 4), (4, 8), (12, 14), (14, 16))
    )
    if kind == _EXTENSIBLE:
        kind = int.from_bytes(body[24:26], "little")
    if bits not in _WIDTHS.get(kind, ()):
        found = f"format {kind} of {bits} bits"
        expected = "whole numbers of 8, 16, 24 or 32 bits, floats of 32 or 64"
        raise _error(source, at, "samples that are not read", expected, found)
    if not channels or not rate or frame_bytes != channels * bits // 8:
        found = f"{channels} channels at {rate} Hz, {frame_bytes} bytes a frame"
        raise _error(
            source, at, "a damaged chunk fmt", "channels, a rate, and frames of them", found
        )
    return _Facts(kind == _FLOAT, bits, channels, rate)


def _placed(facts: _Facts, start: int, size: int, end: int) -> WavFormat:
    there = end - start if size in _UNKNOWN else min(size, end - start)
    frame_bytes = facts.channels * facts.bits // 8
    return WavFormat(
        is_float=facts.is_float,
        bits=facts.bits,
        channels=facts.channels,
        rate_hz=facts.rate_hz,
        start=start,
        frames=there // frame_bytes,
        rest=there % frame_bytes,
        missing=0 if size in _UNKNOWN else size - there,
    )


def _error(source: ByteSource, at: int, message: str, expected: str, found: str) -> FormatError:
    return FormatError(
        message, path=source.name, offset=at, expected=expected, found=found, hint=HINT
    )
