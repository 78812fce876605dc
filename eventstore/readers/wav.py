"""Read WAV files (``.wav``) as events: sound encoded by an encoding of `eventstore.sound`.

A recorded sound has no events. Unless told otherwise each channel of it sends one whenever it has
moved by a threshold since the last (`eventstore.sound.delta`): channel $k$ of the sound is channels
$2k$ (up) and $2k + 1$ (down) of the recording. Samples are taken as whole numbers of 32 bits, block
by block, so the same file gives the same events everywhere. Other encodings, such as a bank of
filters that drive neurons, are named by the option ``encoding``; which was used, with every
parameter, stands in the recording's provenance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.readers.geometry import cut_file, no_events
from eventstore.readers.mapped import forget
from eventstore.readers.options import option
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording
from eventstore.readers.wav_samples import WavFormat, read_format, read_frames
from eventstore.sound.delta import check_threshold, delta_packets
from eventstore.sound.encoding import Encoding
from eventstore.sound.presets import preset
from eventstore.sound.waveform import FULL_SCALE, Waveform

_BLOCK_FRAMES = 1 << 16

_PARAMETERS = (
    "n_bands", "low_hz", "high_hz", "n_levels", "tau_mem", "spike_threshold", "refractory_us",
    "peak", "quantile", "seconds", "snr_db", "gain", "seed", "floor", "raster_samples", "raster_us",
)  # fmt: skip
"""Options that are parameters of an encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WavReader(OneRecording):
    """Reader of WAV files, with the encoder's options.

    Options that are None have the default of the encoding; one that the encoding does not have is
    refused.

    Args:
        encoding: ``delta``, another name of `eventstore.sound.PRESETS`, or the path of a ``.json``
            file that an `eventstore.sound.Encoding` wrote.
        threshold: of ``delta``: how far a sound moves between events, in parts of full scale.
        channels: each is encoded by itself, or the mean of them all.
        n_bands: bands of a filter bank.
        low_hz: lower edge of its lowest band.
        high_hz: upper edge of its highest band.
        n_levels: levels of ``levels``.
        tau_mem: time constant of the neurons, in seconds.
        spike_threshold: their threshold.
        refractory_us: time after a spike in which nothing is integrated.
        peak: amplitude that the loudest sample is scaled to.
        quantile: share of samples not louder than what is scaled to it.
        seconds: length that the sound is cut or padded to.
        snr_db: ratio of sound and white noise that is added to it, in decibels.
        gain: factor on the sound before a chip's front end.
        seed: which chip an analogue front end is of.
        floor: least mean that thresholds of a digital front end follow.
        raster_samples: samples of a front end to a time step of its network.
        raster_us: µs of such a time step.
        packet_events: most events in one packet.

    Raises:
        InvalidInput: a value makes no sense.
        NotFound: there is no such encoding, or it has no such option.
    """

    encoding: str = option(
        "delta",
        "delta, levels, linear-lif, mel-lif, xylo-audio2, -audio3, -imu, or a file of its JSON",
    )
    threshold: float = option(0.01, "delta: move between two events, in parts of full scale")
    channels: Literal["each", "mean"] = option("each", "each channel by itself, or their mean")
    n_bands: int | None = option(None, "*-lif: bands of the filter bank (64)")
    low_hz: float | None = option(None, "*-lif: lower edge of the lowest band (100)")
    high_hz: float | None = option(None, "*-lif: upper edge of the highest band (3600)")
    n_levels: int | None = option(None, "levels: how many (16)")
    tau_mem: float | None = option(None, "*-lif: time constant of the neurons, in seconds (0.005)")
    spike_threshold: float | None = option(None, "*-lif: threshold of the neurons (0.01)")
    refractory_us: int | None = option(None, "*-lif: rest of a neuron after its spike, in µs (0)")
    peak: float | None = option(None, "not delta: amplitude the loudest sample is scaled to (1)")
    quantile: float | None = option(None, "not delta: share of samples not louder than peak (1)")
    seconds: float | None = option(None, "not delta: length the sound is cut or padded to")
    snr_db: float | None = option(None, "xylo-*: add white noise of this ratio, in dB (none)")
    gain: float | None = option(None, "xylo-*: factor on the sound (1)")
    seed: int | None = option(None, "xylo-audio2: which chip, each a little different (none)")
    floor: int | None = option(None, "xylo-audio3: least mean of the adaptive thresholds (4096)")
    raster_samples: int | None = option(
        None, "xylo-audio3: samples of 20.48 µs to a time step of the network (500)"
    )
    raster_us: int | None = option(None, "xylo-audio2: µs to a time step of the network (10000)")
    packet_events: int = PACKET_EVENTS
    name: str = "wav"
    suffixes: tuple[str, ...] = (".wav", ".wave")

    def __post_init__(self) -> None:
        """Check the options against the encoding."""
        check_threshold(self.threshold)
        default = WavReader.__dataclass_fields__["threshold"].default
        if self.encoding != "delta" and self.threshold != default:
            message = f"threshold is an option of the encoding delta, not of {self.encoding}"
            raise InvalidInput(message, hint="neurons have spike_threshold")
        if self.encoding.endswith(".json"):
            if self._given():
                message = f"{', '.join(self._given())} cannot be set beside {self.encoding}"
                raise InvalidInput(message, hint="change the file, or name a preset")
        else:
            self.chosen_encoding()

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits and the file begins as a WAV does."""
        data = source.data
        is_wav = bytes(data[:4]) == b"RIFF" and bytes(data[8:12]) == b"WAVE"
        return source.suffix in self.suffixes and is_wav

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the events before the cut and a finding.

        Raises:
            FormatError: this is no WAV file, or one whose samples are packed.
            InvalidInput: the sound's rate is too low for the encoding, here or while packets are
                read.
            NotFound: the encoding is a file that is not there.
        """
        form = read_format(source)
        findings = []
        if form.rest or form.missing:
            at = form.start + form.frames * form.frame_bytes
            findings.append(cut_file(source.name, at, form.rest, "frame of samples"))
        n_channels = 1 if self.channels == "mean" else form.channels
        encoding = self.chosen_encoding()
        try:
            ears = encoding.sensor(n_channels)
        except InvalidInput as error:
            message = f"{source.name}: {error.message}"
            raise InvalidInput(message, hint=error.hint) from error
        is_delta = self.encoding == "delta"
        packets = self._deltas(source, form) if is_delta else self._encoded(source, form, encoding)
        return Recording(
            source=source.name,
            sensor=sensor or ears,
            reader=self.name,
            zero_based=True,
            packets=_noticed(packets, source, findings),
            meta={
                **(self._meta_of_delta() if is_delta else _meta(self.encoding, encoding)),
                "channels": self.channels,
                "sample_rate_hz": str(form.rate_hz),
                "samples": str(form.frames),
                "bits": str(form.bits),
            },
            findings=findings,
        )

    def chosen_encoding(self) -> Encoding:
        """Return the encoding that the options name.

        Raises:
            NotFound: it is a file that is not there.
        """
        if self.encoding == "delta":
            return preset("delta", threshold=self.threshold, **self._given())
        if not self.encoding.endswith(".json"):
            return preset(self.encoding, **self._given())
        try:
            text = Path(self.encoding).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            message = f"no file {self.encoding} with the JSON of an encoding"
            raise NotFound(message, hint="write Encoding(…).to_json() to it") from error
        return Encoding.from_json(text)

    def _given(self) -> dict[str, float]:
        values = {name: getattr(self, name) for name in _PARAMETERS}
        return {name: value for name, value in values.items() if value is not None}

    def _meta_of_delta(self) -> dict[str, str]:
        return {"encoder": "send-on-delta", "threshold": str(self.threshold)}

    def _frames(self, source: ByteSource, form: WavFormat) -> Iterator[tuple[int, np.ndarray]]:
        """Read blocks of frames, each with the number of its first."""
        for start in range(0, form.frames, _BLOCK_FRAMES):
            samples = read_frames(source, form, start, min(start + _BLOCK_FRAMES, form.frames))
            if self.channels == "mean":
                samples = samples.sum(axis=1, keepdims=True) // form.channels
            yield start, samples
            forget(source, 0, len(source.data))

    def _deltas(self, source: ByteSource, form: WavFormat) -> Iterator[Events]:
        """Encode whole numbers, which is exact for all that a file can hold."""
        levels = np.zeros(1 if self.channels == "mean" else form.channels, np.int64)
        step = (round(self.threshold * FULL_SCALE), form.rate_hz)
        return delta_packets(self._frames(source, form), levels, step, self.packet_events)

    def _encoded(self, source: ByteSource, form: WavFormat, encoding: Encoding) -> Iterator[Events]:
        n_channels = 1 if self.channels == "mean" else form.channels
        blocks = (
            (f.T / FULL_SCALE).astype(np.float32, order="C") for _, f in self._frames(source, form)
        )
        if encoding.needs_whole:
            none = np.empty((n_channels, 0), np.float32)
            samples = np.concatenate([none, *blocks], axis=1)
            packets = encoding.packets(Waveform(samples, form.rate_hz))
        else:
            packets = encoding.stream(blocks, n_channels=n_channels, rate_hz=form.rate_hz)
        try:
            for events in packets:
                for start in range(0, len(events), self.packet_events):
                    yield events[start : start + self.packet_events]
        except InvalidInput as error:
            message = f"{source.name}: {error.message}"
            raise InvalidInput(message, hint=error.hint) from error


def _meta(name: str, encoding: Encoding) -> dict[str, str]:
    json = encoding.to_json()
    return {"encoder": name, "encoding": json, "encoding_sha256": encoding.fingerprint}


def _noticed(
    packets: Iterator[Events], source: ByteSource, findings: list[Finding]
) -> Iterator[Events]:
    """Pass packets on, and notice where there are none."""
    some = False
    for packet in packets:
        some = True
        yield packet
    if not some:
        findings.append(no_events(source.name))


READER = WavReader()
