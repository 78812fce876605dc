r"""Read WAV files (``.wav``) as events: sound encoded by the levels it crosses.

A recorded sound has no events; here each channel of it sends one whenever it has moved by a
threshold since the last (send-on-delta, Miskowicz 2006, doi:10.3390/s6010049):

$$x_i \ge r + θ ⇒ \text{up},\ r ← r + θ \qquad x_i \le r - θ ⇒ \text{down},\ r ← r - θ$$

from $r = 0$, as often as a sample $x_i$ demands, at the sample's time. Channel $k$ of the sound is
channels $2k$ (up) and $2k + 1$ (down) of the recording. From the events the sound can be rebuilt to
within θ. Numbers are whole, so the same file gives the same events everywhere. Filter banks, as
cochleas have them, are transforms of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.jit import kernel
from eventstore.readers.geometry import cut_file, no_events
from eventstore.readers.mapped import forget
from eventstore.readers.options import option
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording
from eventstore.readers.wav_samples import FULL_SCALE, WavFormat, read_format, read_frames

THRESHOLD_LIMIT = 2.0**-15
"""Smallest threshold, one step of 16 bits."""

_BLOCK_FRAMES = 1 << 16


@kernel
def encode_deltas(
    samples: np.ndarray,
    state: tuple[np.ndarray, np.ndarray],
    threshold: int,
    clock: tuple[int, int],
    columns: tuple[np.ndarray, np.ndarray],
) -> int:
    """Encode frames until they or the columns end; return the number of events.

    Args:
        samples: frames, a row of channels each.
        state: frame and channel to go on with, and what each channel last sent; moved on.
        threshold: θ, in the samples' unit.
        clock: number of the first frame, and frames in a second.
        columns: t and c, to be filled.
    """
    t, c = columns
    first, rate = clock
    place, levels = state
    n = 0
    frames, channels = samples.shape
    while place[0] < frames:
        i = int(place[0])
        now = ((first + i) * 1_000_000 + rate // 2) // rate
        while place[1] < channels:
            k = int(place[1])
            gap = samples[i, k] - levels[k]
            while gap >= threshold or gap <= -threshold:
                if n == len(t):
                    return n
                down = gap < 0
                t[n] = now
                c[n] = 2 * k + (1 if down else 0)
                levels[k] += -threshold if down else threshold
                gap = samples[i, k] - levels[k]
                n += 1
            place[1] += 1
        place[1] = 0
        place[0] += 1
    return n


@dataclass(frozen=True, slots=True, kw_only=True)
class WavReader(OneRecording):
    """Reader of WAV files, with the encoder's options.

    Args:
        threshold: how far a sound moves between events, in parts of full scale.
        channels: each is encoded by itself, or the mean of them all.
        packet_events: most events in one packet.

    Raises:
        InvalidInput: the threshold is not from 2^-15 to 1.
    """

    threshold: float = option(0.01, "move between two events, in parts of full scale")
    channels: Literal["each", "mean"] = option("each", "each channel by itself, or their mean")
    packet_events: int = PACKET_EVENTS
    name: str = "wav"
    suffixes: tuple[str, ...] = (".wav", ".wave")

    def __post_init__(self) -> None:
        """Check the threshold."""
        if not THRESHOLD_LIMIT <= self.threshold <= 1:
            message = f"threshold {self.threshold} is not from 2^-15 to 1"
            raise InvalidInput(message, hint="give it in parts of full scale, such as 0.01")

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits and the file begins as a WAV does."""
        data = source.data
        is_wav = bytes(data[:4]) == b"RIFF" and bytes(data[8:12]) == b"WAVE"
        return source.suffix in self.suffixes and is_wav

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the events before the cut and a finding.

        Raises:
            FormatError: this is no WAV file, or one whose samples are packed.
        """
        form = read_format(source)
        findings = []
        if form.rest or form.missing:
            at = form.start + form.frames * form.frame_bytes
            findings.append(cut_file(source.name, at, form.rest, "frame of samples"))
        n_channels = 1 if self.channels == "mean" else form.channels
        return Recording(
            source=source.name,
            sensor=sensor or Sensor.audio(2 * n_channels),
            reader=self.name,
            zero_based=True,
            packets=self._packets(source, form, findings),
            meta={
                "encoder": "send-on-delta",
                "threshold": str(self.threshold),
                "channels": self.channels,
                "sample_rate_hz": str(form.rate_hz),
                "samples": str(form.frames),
                "bits": str(form.bits),
            },
            findings=findings,
        )

    def _packets(
        self, source: ByteSource, form: WavFormat, findings: list[Finding]
    ) -> Iterator[Events]:
        threshold = round(self.threshold * FULL_SCALE)
        levels = np.zeros(1 if self.channels == "mean" else form.channels, np.int64)
        packet, filled, some = Events.empty(self.packet_events), 0, False
        for start in range(0, form.frames, _BLOCK_FRAMES):
            samples = read_frames(source, form, start, min(start + _BLOCK_FRAMES, form.frames))
            if self.channels == "mean":
                samples = samples.sum(axis=1, keepdims=True) // form.channels
            place = np.zeros(2, np.int64)
            while place[0] < len(samples):
                columns = packet.t[filled:], packet.x[filled:]
                clock = (start, form.rate_hz)
                filled += encode_deltas(samples, (place, levels), threshold, clock, columns)
                if filled == self.packet_events:
                    packet.p[:] = 1
                    yield packet
                    packet, filled, some = Events.empty(self.packet_events), 0, True
            forget(source, 0, len(source.data))
        if filled:
            packet.p[:] = 1
            yield packet[:filled]
        elif not some:
            findings.append(no_events(source.name))


READER = WavReader()
