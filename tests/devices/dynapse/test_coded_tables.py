import numpy as np

from devices.dynapse.family import dynapse2
from devices.integer_tables import fact_rows, integer_arrays, integer_facts
from tests.devices.dynapse.small_nets import small_dpi_graph


def test_verbs_can_show_and_save_what_is_on_the_chip() -> None:
    net = dynapse2.quantize(small_dpi_graph())
    head, first, last = fact_rows(integer_facts(net))
    assert head == ("layer", "weights", "cores", "most synapses", "zero weights")
    assert (first[:3], last[:3]) == (("0", "8×12", "0"), ("2", "12×3", "1"))
    arrays = integer_arrays(net)
    np.testing.assert_array_equal(arrays["2/input_codes"], net.populations[1].codes)
    assert arrays["0/recurrent_signs"].shape == (12, 12)
    assert arrays["base_currents"].shape == (2, 4)
