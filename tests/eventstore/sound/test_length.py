import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sound import FixLength, Waveform
from eventstore.testing import SoundContract


class TestFixLength(SoundContract):
    stage = FixLength(seconds=0.1)


class TestFixLengthLonger(SoundContract):
    stage = FixLength(seconds=0.5)


@given(st.integers(0, 50), st.integers(0, 50))
def test_what_is_there_stays_and_the_rest_is_silence(n: int, wanted: int) -> None:
    sound = Waveform.of(np.arange(1.0, n + 1), rate_hz=1_000)
    out = FixLength(seconds=wanted / 1_000).apply(sound).samples[0].tolist()
    assert out == [i + 1.0 if i < n else 0.0 for i in range(wanted)]


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_lengths_without_sense_are_refused(seconds: float) -> None:
    with pytest.raises(InvalidInput, match=r"FixLength\(seconds="):
        FixLength(seconds=seconds)
