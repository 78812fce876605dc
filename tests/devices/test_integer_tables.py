"""Tables of integers, whatever the family."""

import numpy as np
import pytest

from devices.chips import chip
from devices.conformance import small_graph
from devices.integer_tables import fact_rows, integer_arrays, integer_facts
from eventstore.errors import InvalidInput


def test_a_network_of_several_cores_is_told_layer_by_layer() -> None:
    q = chip("speck2f").quantize(small_graph())
    facts = integer_facts(q)
    assert [row["layer"] for row in facts] == [layer.name for layer in q.layers]
    arrays = integer_arrays(q)
    np.testing.assert_array_equal(arrays["0/weight"], q.layers[0].weight)
    head, *rows = fact_rows(facts)
    assert head[:2] == ("layer", "weights")
    assert rows[0][1] == "4×2×3×3"


def test_what_has_no_table_is_refused() -> None:
    for table in (integer_facts, integer_arrays):
        with pytest.raises(InvalidInput, match="no table of a float"):
            table(3.0)
    assert fact_rows([]) == [("layer",)]
