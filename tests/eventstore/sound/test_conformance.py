"""The contract finds what breaks it."""

from dataclasses import dataclass

import numpy as np
import pytest

from eventstore.registry import Entry
from eventstore.sound import SoundTransform, Waveform
from eventstore.sound import encoding as encoding_module
from eventstore.sound.conformance import SoundContract, sample_sound
from eventstore.sound.protocol import State, apply_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """Breaks the contract in the way asked for."""

    fault: str = ""

    def channels_out(self, n_channels: int) -> int:
        return n_channels + (self.fault == "channels")

    def start(self, n_channels: int, rate_hz: int) -> State:
        return ()

    def advance(self, samples: np.ndarray, state: State) -> np.ndarray:
        if self.fault == "input":
            samples *= 2
        if self.fault == "blocks":
            return np.asarray(samples - samples.max(initial=0))
        return samples.copy()

    def apply(self, waveform: Waveform) -> Waveform:
        if self.fault == "silence" and not len(waveform):
            return Waveform.of([1.0], rate_hz=8_000)
        return apply_whole(self, waveform)


@dataclass
class Loose:
    """Is no value."""

    gain: float = 1.0

    def channels_out(self, n_channels: int) -> int:
        return n_channels

    def apply(self, waveform: Waveform) -> Waveform:
        return waveform


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    table = encoding_module.SOUND_STAGES
    monkeypatch.setitem(table._entries(), "Faulty", Entry(f"{__name__}:Faulty"))
    monkeypatch.setitem(table._loaded, "Faulty", Faulty)


def contract(stage: SoundTransform) -> SoundContract:
    return type("Case", (SoundContract,), {"stage": stage})()  # type: ignore[no-any-return]


def test_a_good_stage_passes() -> None:
    case = contract(Faulty())
    for name in dir(case):
        if name.startswith("test_"):
            getattr(case, name)()


@pytest.mark.parametrize(
    ("fault", "test", "said"),
    [
        ("channels", "output_is_as_promised_and_input_left_alone", "how many come out"),
        ("input", "output_is_as_promised_and_input_left_alone", "leave the input"),
        ("blocks", "blocks_give_what_the_whole_gives", "the same samples"),
        ("silence", "no_samples", "nothing, or silence"),
    ],
)
def test_each_fault_is_found(fault: str, test: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        getattr(contract(Faulty(fault=fault)), f"test_{test}")()


def test_a_stage_that_can_change_is_found() -> None:
    with pytest.raises(AssertionError, match="make gain keyword-only"):
        contract(Loose()).test_is_a_frozen_keyword_only_dataclass()


def test_the_sample_sound_is_two_unlike_channels() -> None:
    sound = sample_sound()
    assert sound.samples.shape == (2, 2_000)
    assert 0.5 < np.abs(sound.samples).max() < 1
    assert np.abs(sound.samples[1]).mean() < np.abs(sound.samples[0]).mean()
