"""Encodings: chains of transforms of sound and an encoder, known by their canonical JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from eventstore.digest import sha256_text
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.registry import Entry, Registry
from eventstore.sound.protocol import CausalTransform, SoundEncoder, SoundTransform, blocks_of
from eventstore.sound.waveform import Waveform
from eventstore.stage_json import StageJson

ENCODING_FORMAT = 1
"""Part of every fingerprint; raised when a built-in stage comes to mean something else."""

SoundStage: TypeAlias = SoundTransform | SoundEncoder

SOUND_STAGES: Registry[type[SoundStage]] = Registry(
    "stage of an encoding",
    "spikelake.sound",
    {
        "AddNoise": Entry("eventstore.sound.noise:AddNoise"),
        "Envelope": Entry("eventstore.sound.envelope:Envelope"),
        "FilterBank": Entry("eventstore.sound.filter_bank:FilterBank"),
        "FixLength": Entry("eventstore.sound.length:FixLength"),
        "IntegrateAndFire": Entry("eventstore.sound.integrate_and_fire:IntegrateAndFire"),
        "Rectify": Entry("eventstore.sound.envelope:Rectify"),
        "ScaleAmplitude": Entry("eventstore.sound.amplitude:ScaleAmplitude"),
        "SendOnDelta": Entry("eventstore.sound.delta:SendOnDelta"),
        "ThresholdCrossing": Entry("eventstore.sound.crossing:ThresholdCrossing"),
        "XyloAudio2": Entry("eventstore.sound.xylo_audio2:XyloAudio2"),
        "XyloAudio3": Entry("eventstore.sound.xylo_audio3:XyloAudio3"),
        "XyloImu": Entry("eventstore.sound.xylo_imu:XyloImu"),
    },
)
"""Names of stages in JSON, which are the names of their classes."""

_JSON = StageJson(table=SOUND_STAGES, what="encoding", key="stage", format=ENCODING_FORMAT)


@dataclass(frozen=True, slots=True, init=False)
class Encoding:
    """Stages in the order applied: any number of transforms of sound, then one encoder.

    Args:
        stages: the stages.

    Raises:
        InvalidInput: a stage is none, or the encoder is not the last, or missing.

    Examples:
        >>> from eventstore.sound import FilterBank, IntegrateAndFire, Rectify
        >>> cochlea = Encoding(FilterBank(n_bands=16), Rectify(), IntegrateAndFire())
        >>> cochlea.sensor(1)
        Sensor(width=16, height=1, modality='audio')
        >>> Encoding.from_json(cochlea.to_json()) == cochlea
        True
    """

    stages: tuple[SoundStage, ...]

    def __init__(self, *stages: SoundStage) -> None:
        for i, stage in enumerate(stages):
            last = i == len(stages) - 1
            wanted = SoundEncoder if last else SoundTransform
            if isinstance(stage, type) or not isinstance(stage, wanted):
                what = "an encoder" if last else "a transform of sound"
                message = f"stage {i} of the encoding is {stage!r}, not {what}"
                hint = "list transforms, then one encoder: Encoding(Rectify(), IntegrateAndFire())"
                raise InvalidInput(message, hint=hint)
        if not stages:
            message = "an encoding of no stages makes no events"
            raise InvalidInput(message, hint="give at least an encoder, such as SendOnDelta()")
        object.__setattr__(self, "stages", stages)

    @property
    def encoder(self) -> SoundEncoder:
        """The last stage."""
        last = self.stages[-1]
        assert isinstance(last, SoundEncoder)  # noqa: S101  # checked when made
        return last

    @property
    def transforms(self) -> tuple[SoundTransform, ...]:
        """The stages before it."""
        return tuple(s for s in self.stages[:-1] if isinstance(s, SoundTransform))

    @property
    def needs_whole(self) -> bool:
        """Whether a stage needs the whole sound at once; otherwise it is encoded as it comes."""
        return bool(self._split()[0])

    def sensor(self, n_channels: int) -> Sensor:
        """Return the sensor whose events come out for a sound of so many channels.

        Raises:
            InvalidInput: it would have more than 65,536 channels.
        """
        for stage in self.stages:
            n_channels = stage.channels_out(n_channels)
        return Sensor.audio(n_channels)

    def encode(self, waveform: Waveform) -> Events:
        """Return the events of a sound."""
        return Events.gather(self.packets(waveform))

    def packets(self, waveform: Waveform) -> Iterator[Events]:
        """Encode a sound block by block, from the last stage on that needs it whole."""
        whole, rest = self._split()
        for stage in whole:
            waveform = stage.apply(waveform)
        form = (waveform.n_channels, waveform.rate_hz)
        return _encode_blocks(blocks_of(waveform), rest, self.encoder, form)

    def stream(
        self, blocks: Iterable[np.ndarray], *, n_channels: int, rate_hz: int
    ) -> Iterator[Events]:
        """Encode a sound that comes in blocks, in memory that does not grow with it.

        Args:
            blocks: samples, a row a channel, in blocks of any length.
            n_channels: how many channels it has.
            rate_hz: its rate.

        Raises:
            InvalidInput: a stage needs the whole sound.
        """
        whole, rest = self._split()
        if whole:
            message = f"{type(whole[-1]).__name__} needs the whole sound, which comes in blocks"
            raise InvalidInput(message, hint="join the blocks, and call packets(waveform)")
        return _encode_blocks(blocks, rest, self.encoder, (n_channels, rate_hz))

    def to_json(self) -> str:
        """Return the canonical JSON: sorted keys, no whitespace, every field written out."""
        return _JSON.to_json(self.stages)

    @classmethod
    def from_json(cls, text: str) -> "Encoding":
        """Build the encoding that such JSON describes.

        Raises:
            InvalidInput: not such JSON, or fields that a stage does not have.
            NotFound: a stage of this name is not installed.
        """
        return cls(*_JSON.from_json(text))

    @property
    def fingerprint(self) -> str:
        """Identity of the encoding: the sha256 of its canonical JSON, in hex."""
        return sha256_text(self.to_json())

    def _split(self) -> tuple[tuple[SoundTransform, ...], tuple[CausalTransform, ...]]:
        """Return the stages up to the last that needs the whole sound, and those behind it."""
        whole, rest = list(self.transforms), list[CausalTransform]()
        while whole and isinstance(whole[-1], CausalTransform):
            rest.insert(0, whole[-1])
            whole.pop()
        return tuple(whole), tuple(rest)


def _encode_blocks(
    blocks: Iterable[np.ndarray],
    stages: tuple[CausalTransform, ...],
    encoder: SoundEncoder,
    form: tuple[int, int],
) -> Iterator[Events]:
    n_channels, rate_hz = form
    states = []
    for stage in stages:
        states.append(stage.start(n_channels, rate_hz))
        n_channels = stage.channels_out(n_channels)
    state = encoder.start(n_channels, rate_hz)
    for block in blocks:
        samples = np.ascontiguousarray(block)
        for stage, memory in zip(stages, states, strict=True):
            samples = stage.advance(samples, memory)
        yield encoder.encode_block(samples, state)
