from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.dynapse.bias_generator import FACTORS, BiasTable
from devices.dynapse.vendor_currents import check_currents, switched, vendor_currents
from snn.dpi.circuit import BiasCurrents
from snn.dpi.inhibition import INHIBITION

IO = 5e-13
FINE = BiasTable(amperes=np.outer(1e-13 * 8.0 ** np.arange(8), np.arange(256)))
CURRENTS = {**BiasCurrents.from_times().to_dict(), **{f"iw_{k}": 1e-9 for k in range(4)}}


def config(**changed: float) -> dict[str, Any]:
    return {"header": {"circuit": {"io": IO}}, "cores": [{"parameters": CURRENTS | changed}]}


@given(idc=st.floats(0.1, 100.0), iw_ahp=st.floats(0.1, 100.0))
def test_a_circuit_is_on_where_it_adds_more_than_leaks_anyway(idc: float, iw_ahp: float) -> None:
    on = switched({"idc": idc * IO, "iw_ahp": iw_ahp * IO}, IO)
    assert on == (idc * IO > IO, iw_ahp * IO > IO)


def test_each_parameter_of_the_chip_has_one_current() -> None:
    alike = vendor_currents(CURRENTS)
    assert set(alike) == set(FACTORS)
    assert alike["DEGA_ITAU_P"] == ("itau_syn", CURRENTS["itau_syn"])
    for order in (INHIBITION, tuple(reversed(INHIBITION))):
        apart = vendor_currents({**dict.fromkeys(order, 7e-12), **CURRENTS})
        assert apart["DEGA_ITAU_P"] == ("itau_inh", 7e-12)
        assert apart["DEAM_ETAU_P"] == ("itau_syn", CURRENTS["itau_syn"])
        assert set(apart) == set(FACTORS)


def test_currents_that_no_numbers_make_are_told_with_what_they_come_to() -> None:
    assert check_currents(config(), FINE) == []
    (found,) = check_currents(config(ispkthr=1e-3), FINE)
    assert (found.where, found.check) == ("cores[0].parameters.ispkthr", "bias-table")
    most = FINE.amperes.max() * FACTORS["SOIF_SPKTHR_P"]
    assert found.message == f"ispkthr of 0.001 A: SOIF_SPKTHR_P comes to {most:.3g} A at best"
    assert not found.is_error


def test_currents_of_circuits_that_are_off_do_not_matter() -> None:
    coarse = BiasTable(amperes=np.full((1, 256), 1e-12))
    names = {one.where.rsplit(".", 1)[1] for one in check_currents(config(), coarse)}
    assert {"itau_mem", "ispkthr"} <= names
    assert not {"idc", "iw_ahp"} & names
    names = {one.where.rsplit(".", 1)[1] for one in check_currents(config(idc=1e-9), coarse)}
    assert "idc" in names
