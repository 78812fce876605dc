"""Tables and files of the integers of Xylo."""

import numpy as np

from devices.chips import chip
from devices.integer_tables import fact_rows, integer_arrays, integer_facts
from tests.devices.xylo.models import graph_of, made
from tests.devices.xylo.test_net import small_net


def test_layers_are_told_by_name() -> None:
    net = chip("xylo_audio3").quantize(graph_of(made("residual")))
    facts = integer_facts(net)
    assert [row["layer"] for row in facts] == ["0", "2.fc", "3"]
    assert [row["aliases"] for row in facts] == [6, 0, 0]
    assert [row["synapses"] for row in facts] == [36, 36, 18]
    assert fact_rows(facts)[0][-2:] == ("dash mem", "aliases")


def test_a_network_without_names_is_two_halves() -> None:
    facts = integer_facts(small_net(bias_out=np.full(1, -3, np.int16)))
    assert [(row["layer"], row["neurons"], row["bias"]) for row in facts] == [
        ("hidden", 3, "–"),
        ("output", 1, "-3"),
    ]


def test_files_hold_all_of_it() -> None:
    net = small_net(aliases=((1,), (2,), ()), weight_shift_rec=2)
    arrays = integer_arrays(net)
    assert set(net.arrays) < set(arrays)
    assert arrays["aliases"].tolist() == [[0, 1], [1, 2]]
    assert arrays["weight_shifts"].tolist() == [0, 2, 0]
