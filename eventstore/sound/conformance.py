"""What every stage of an encoding must hold to; a test of one is a subclass of this class.

Re-exported by `eventstore.testing`. The class collects under pytest, and needs it only there.
"""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from eventstore.events import Events
from eventstore.sound.delta import SendOnDelta
from eventstore.sound.encoding import SOUND_STAGES, Encoding, SoundStage
from eventstore.sound.protocol import CausalTransform, SoundEncoder
from eventstore.sound.waveform import Waveform


class SoundContract:
    """Tests that every transform and encoder of sound passes: subclass it and name one.

    Args:
        stage: the stage under test, with fields that suit the sound.
        sound: what it is tried on; 0.25 s of two channels at 8,000 Hz unless said.

    Examples:
        >>> from eventstore.sound import Rectify
        >>> class TestRectify(SoundContract):
        ...     stage = Rectify()
        >>> TestRectify().test_json_round_trip()
    """

    stage: ClassVar[SoundStage]
    sound: ClassVar[Waveform | None] = None

    def test_is_a_frozen_keyword_only_dataclass(self) -> None:
        """A stage is a value: compared by its fields, never changed."""
        _demand(is_dataclass(self.stage), "make it a dataclass")
        for field in fields(self.stage):  # type: ignore[arg-type]
            _demand(field.kw_only is True, f"make {field.name} keyword-only")
            try:
                setattr(self.stage, field.name, None)
            except FrozenInstanceError:
                continue
            remedy = "make it frozen"
            raise AssertionError(remedy)

    def test_json_round_trip(self) -> None:
        """Its JSON gives it back, through the table of stages."""
        name = type(self.stage).__name__
        _demand(SOUND_STAGES[name] is type(self.stage), f"register it as {name!r}")
        encoder = isinstance(self.stage, SoundEncoder)
        encoding = Encoding(self.stage) if encoder else Encoding(self.stage, SendOnDelta())
        again = Encoding.from_json(encoding.to_json())
        _demand(again == encoding, "its JSON must give it back")
        _demand(again.fingerprint == encoding.fingerprint, "its JSON must be canonical")

    def test_output_is_as_promised_and_input_left_alone(self) -> None:
        """Channels are as many as promised, events are in order and in the sound's time."""
        sound = self._sound()
        before = sound.samples.copy()
        n_channels = self.stage.channels_out(sound.n_channels)
        if isinstance(self.stage, SoundEncoder):
            events = self.stage.encode(sound)
            _demand(len(events) > 0, "the sample sound is loud: it should give events")
            _demand(int(events.x.max()) < n_channels, "events must lie on the sensor")
            _demand(bool(np.all(events.p == 1)), "events of audio have p = 1")
            _demand(bool(np.all(np.diff(events.t) >= 0)), "events must be in order of time")
            _demand(0 <= events.t[0] <= events.t[-1] <= sound.seconds * 1e6, "in the sound's time")
        else:
            out = self.stage.apply(sound)
            _demand(out.n_channels == n_channels, "channels_out must say how many come out")
            _demand(out.rate_hz == sound.rate_hz, "keep the rate")
        _demand(np.array_equal(before, sound.samples), "leave the input as it is")

    def test_blocks_give_what_the_whole_gives(self) -> None:
        """A causal stage gives the same however the sound is cut, to the bit."""
        sound = self._sound()
        cuts = [0, 1, 1, len(sound) // 5, len(sound) // 2, len(sound)]
        blocks = [sound.samples[:, a:b] for a, b in pairwise(cuts)]
        if isinstance(self.stage, SoundEncoder):
            state = self.stage.start(sound.n_channels, sound.rate_hz)
            joined = Events.concatenate([self.stage.encode_block(b, state) for b in blocks])
            _demand(joined.equals(self.stage.encode(sound)), "blocks must give the same events")
        elif isinstance(self.stage, CausalTransform):
            state = self.stage.start(sound.n_channels, sound.rate_hz)
            parts = [self.stage.advance(b, state) for b in blocks]
            whole = self.stage.apply(sound).samples
            same = np.array_equal(np.concatenate(parts, axis=1), whole)
            _demand(same, "blocks must give the same samples")

    def test_no_samples(self) -> None:
        """Nothing in, and no error."""
        sound = self._sound()
        nothing = Waveform(np.empty((sound.n_channels, 0), np.float32), sound.rate_hz)
        if isinstance(self.stage, SoundEncoder):
            _demand(len(self.stage.encode(nothing)) == 0, "no events")
        else:
            out = self.stage.apply(nothing)
            _demand(not out.samples.any(), "nothing, or silence")

    def _sound(self) -> Waveform:
        return sample_sound() if self.sound is None else self.sound


def sample_sound(*, seed: int = 0) -> Waveform:
    """Return 0.25 s of two channels: a rising tone in noise, and the same, quieter."""
    t = np.arange(2_000) / 8_000
    tone = 0.6 * np.sin(2 * np.pi * (200 + 4_000 * t) * t)
    noise = np.random.default_rng(seed).normal(scale=0.05, size=(2, len(t)))
    return Waveform.of(tone * np.array([[1.0], [0.5]]) + noise, rate_hz=8_000)


def _demand(holds: bool, remedy: str) -> None:
    if not holds:
        raise AssertionError(remedy)
