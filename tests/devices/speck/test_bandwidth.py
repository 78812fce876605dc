"""How busy cores are, and against what."""

import numpy as np
import pytest

from devices.results import QuantizedGraph
from devices.speck.bandwidth import CoreRate, check_bandwidth, core_rates
from devices.speck.event_stream import ChipState, run_events
from devices.speck.program import compile_program
from devices.speck.sim_settings import SimSettings
from eventstore.errors import InvalidInput
from eventstore.findings import Severity
from tests.devices.speck.small_layers import one_weight_layer


@pytest.fixture(scope="module")
def busy() -> ChipState:
    """Return a neuron after ten events within 1 ms and one more 9 ms later."""
    q = QuantizedGraph.chain(
        chip="speck2f", input_shape=(1, 4, 4), layers=(one_weight_layer("conv1"),)
    )
    program = compile_program(q, SimSettings(window_us=1000))
    events = np.zeros((11, 4), np.int64)
    events[:, 0] = [*range(10), 10_000]
    return run_events(ChipState.start(program), events)[1]


def test_mean_and_peak_of_a_core(busy: ChipState) -> None:
    rate = CoreRate(name="conv1", mean_hz=1100.0, peak_hz=10_000.0, window_us=1000)
    assert core_rates(busy) == (rate,)


@pytest.mark.parametrize(
    ("limit", "severity", "end"),
    [
        (None, Severity.INFO, "no limit is published for the chip"),
        (20_000, Severity.INFO, "the limit is 20,000"),
        (5_000, Severity.WARNING, "the limit is 5,000: the chip may stall there"),
        (1_000, Severity.ERROR, "the limit is 1,000: the chip stalls"),
    ],
)
def test_rates_are_held_to_a_limit_where_there_is_one(
    busy: ChipState, limit: float | None, severity: Severity, end: str
) -> None:
    (finding,) = check_bandwidth(busy, limit)
    told = "1,100 synaptic operations a second, 10,000 in the busiest 1 ms; "
    assert (finding.message, finding.severity) == (told + end, severity)
    assert finding.where == "conv1"
    assert bool(finding.fix) == (severity > Severity.INFO)


def test_a_limit_is_positive(busy: ChipState) -> None:
    with pytest.raises(InvalidInput, match="a limit of 0 operations a second is not positive"):
        check_bandwidth(busy, 0)


def test_short_streams_have_rates(busy: ChipState) -> None:
    start = ChipState.start(busy.program)
    assert core_rates(start)[0].mean_hz == 0
    events = np.zeros((4, 4), np.int64)
    _, short = run_events(start, events, t_stop_us=500)
    assert core_rates(short)[0].mean_hz == core_rates(short)[0].peak_hz == 8000
