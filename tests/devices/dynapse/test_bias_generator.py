import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.dynapse.bias_generator import (
    FACTORS,
    VENDOR_PARAMETERS,
    BiasTable,
    load_bias_table,
)
from devices.dynapse.config_fields import BASE
from eventstore.errors import FormatError, NotFound
from snn.dpi.circuit import CURRENTS
from snn.dpi.inhibition import INHIBITION

TABLE = BiasTable(amperes=np.outer(1e-13 * 8.0 ** np.arange(6), np.arange(256)))


@given(st.sampled_from(sorted(FACTORS)), st.floats(math.log(1e-12), math.log(1e-8)))
def test_the_nearest_current_is_found(parameter: str, log_current: float) -> None:
    current = math.exp(log_current)
    coarse, fine = TABLE.numbers_for(current, parameter)
    made = TABLE.amperes * FACTORS[parameter]
    assert abs(math.log(made[coarse, fine] / current)) <= 0.06
    with np.errstate(divide="ignore"):
        assert abs(np.log(made / current)).min() == abs(np.log(made[coarse, fine] / current))


def test_each_current_sets_parameters_of_known_factor() -> None:
    assert set(VENDOR_PARAMETERS) == {*CURRENTS, *INHIBITION, *BASE}
    named = {current: VENDOR_PARAMETERS[current] for current in (*CURRENTS, *BASE)}
    assert sorted(name for names in named.values() for name in names) == sorted(FACTORS)
    for one, both in (("itau_inh", "itau_syn"), ("igain_inh", "igain_syn")):
        assert VENDOR_PARAMETERS[one] == VENDOR_PARAMETERS[both][1:]


def test_no_current_is_zero_and_zero_and_unknown_parameters_are_refused() -> None:
    assert TABLE.numbers_for(0.0, "SOIF_DC_P") == (0, 0)
    with pytest.raises(NotFound, match="no parameter of the chip 'SOIF_DC'"):
        TABLE.numbers_for(1e-9, "SOIF_DC")


def test_a_table_is_read_from_json_and_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    with pytest.raises(NotFound, match="no table of bias currents"):
        load_bias_table(path)
    path.write_text(json.dumps(TABLE.amperes.tolist()))
    np.testing.assert_array_equal(load_bias_table(path).amperes, TABLE.amperes)
    path.write_text("[[1, 2, 3]]")
    with pytest.raises(FormatError, match=r"found shape \(1, 3\)|shape \(1, 3\)"):
        load_bias_table(path)
    path.write_text("not JSON")
    with pytest.raises(FormatError, match="no table of bias currents"):
        load_bias_table(path)
