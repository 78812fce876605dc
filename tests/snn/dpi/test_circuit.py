import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from snn.dpi.circuit import CURRENTS, BiasCurrents, Circuit

times = st.floats(1e-4, 1.0)


@given(tau=times, capacitance=st.floats(1e-13, 1e-10))
def test_a_leak_current_gives_back_its_time_constant(tau: float, capacitance: float) -> None:
    circuit = Circuit()
    current = circuit.leak_current(tau, capacitance)
    assert math.isclose(circuit.time_constant(current, capacitance), tau, rel_tol=1e-12)


def test_the_usual_currents_are_those_of_the_vendors_simulator() -> None:
    found = BiasCurrents.from_times()
    # From the defaults of the vendor's simulator, as its reference vector lists them.
    wanted = {
        "itau_mem": 5.3191488e-12,
        "igain_mem": 2.1276595e-11,
        "itau_syn": 8.6879434e-11,
        "igain_syn": 8.687944e-09,
        "ipulse": 3.5e-08,
        "itau_ahp": 2.8368795e-11,
        "igain_ahp": 2.8368795e-11,
        "ipulse_ahp": 3.5e-07,
        "iw_ahp": 5e-13,
        "iref": 1.05e-09,
        "ispkthr": 1e-7,
        "idc": 5e-13,
    }
    assert set(wanted) == set(CURRENTS)
    for name, value in wanted.items():
        assert math.isclose(getattr(found, name), value, rel_tol=1e-6), name


def test_what_is_not_positive_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"tau_mem=-0.02 is not positive") as told:
        BiasCurrents.from_times(tau_mem=-0.02)
    assert "seconds" in told.value.hint
    with pytest.raises(InvalidInput, match=r"io=0.0 of Circuit is not positive"):
        Circuit(io=0.0)
    usual = BiasCurrents.from_times()
    with pytest.raises(InvalidInput, match=r"iref=nan of BiasCurrents"):
        dataclasses.replace(usual, iref=math.nan)


def test_another_process_needs_other_currents_for_the_same_times() -> None:
    larger = BiasCurrents.from_times(circuit=Circuit(c_mem=6e-12))
    assert math.isclose(larger.itau_mem, 2 * BiasCurrents.from_times().itau_mem)
