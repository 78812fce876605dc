import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.sound import IntegrateAndFire, Waveform
from eventstore.testing import SoundContract


class TestIntegrateAndFire(SoundContract):
    stage = IntegrateAndFire()


class TestIntegrateAndFireThatRests(SoundContract):
    stage = IntegrateAndFire(tau_mem=0.01, refractory_us=1_000)


def by_the_book(values: np.ndarray, stage: IntegrateAndFire, rate: int) -> list[tuple[int, int]]:
    """Step each neuron by itself, as the docstring says, and sort by time."""
    alpha, found = math.exp(-1 / (rate * stage.tau_mem)), []
    for k, row in enumerate(values.astype(np.float32).tolist()):
        v, rest = 0.0, 0
        for i, x in enumerate(row):
            if rest:
                rest -= 1
                continue
            v = alpha * v + (1 - alpha) * x
            if v >= stage.spike_threshold:
                v -= stage.spike_threshold
                rest = round(stage.refractory_us * rate / 1e6)
                found.append(((i * 10**6 + rate // 2) // rate, k))
    return sorted(found)


@given(
    st.lists(st.integers(-8, 64), min_size=1, max_size=60),
    st.sampled_from([0.001, 0.01, 1.0]),
    st.sampled_from([0.01, 0.1]),
    st.sampled_from([0, 500, 5_000]),
)
def test_events_are_those_of_the_book(
    values: list[int], tau: float, threshold: float, refractory: int
) -> None:
    sound = np.array([values, values[::-1], [0] * len(values)]) / 64
    stage = IntegrateAndFire(tau_mem=tau, spike_threshold=threshold, refractory_us=refractory)
    events = stage.encode(Waveform.of(sound, rate_hz=8_000))
    found = list(zip(events.t.tolist(), events.x.tolist(), strict=True))
    assert found == by_the_book(sound, stage, 8_000)


@pytest.mark.parametrize("drive", [0.1, 0.3, 0.8])
def test_a_steady_drive_gives_the_rate_of_the_equation(drive: float) -> None:
    # dv/dt = (x - v) / τ from v = 0 after a spike: θ is reached after τ ln(x / (x - θ)).
    tau, threshold = 0.1, 0.05
    stage = IntegrateAndFire(tau_mem=tau, spike_threshold=threshold)
    events = stage.encode(Waveform.of(np.full(100_000, drive), rate_hz=100_000))
    period = tau * math.log(drive / (drive - threshold))
    assert len(events) == pytest.approx(1 / period, rel=0.01, abs=1)


def test_below_threshold_nothing_fires() -> None:
    stage = IntegrateAndFire(spike_threshold=0.5)
    assert len(stage.encode(Waveform.of(np.full(9_000, 0.49), rate_hz=8_000))) == 0


def test_rest_bounds_the_rate() -> None:
    stage = IntegrateAndFire(tau_mem=1e-4, spike_threshold=1e-3, refractory_us=2_000)
    events = stage.encode(Waveform.of(np.full(8_000, 1.0), rate_hz=8_000))
    assert np.diff(events.t).min() > 2_000


@pytest.mark.parametrize(
    "fields", [{"tau_mem": 0.0}, {"spike_threshold": 0.0}, {"refractory_us": -1}]
)
def test_fields_without_sense_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        IntegrateAndFire(**fields)  # type: ignore[arg-type]
