"""Specifications of the vendor's tools become ours, whatever the chip."""

from pathlib import Path

import numpy as np
import pytest

from devices.xylo.peer_specification import NEEDED, from_peers
from eventstore.errors import InvalidInput
from tests.devices.xylo.peer_vectors import CASES, load


@pytest.mark.parametrize("name", CASES)
def test_tables_are_for_all_neurons(shared_oracles: Path, name: str) -> None:
    case = load(shared_oracles, name)
    spec = {k.removeprefix("spec/"): v for k, v in case.vectors.items() if k.startswith("spec/")}
    found = from_peers(spec, dt=0.01)
    for field in ("w_in", "w_rec", "w_out", "dash_syn", "dash_mem_out", "threshold", "bias_hidden"):
        np.testing.assert_array_equal(getattr(found, field), getattr(case.floats, field))
    assert found.aliases == ((),) * len(found.threshold)


def two_synapses(**changes: object) -> dict[str, object]:
    spec: dict[str, object] = dict.fromkeys(NEEDED, np.ones(3))
    spec |= {"weights_in": np.ones((2, 3, 2)), "weights_rec": np.zeros((3, 3, 2))}
    spec |= {"weights_out": np.ones((3, 3)), "dash_syn_2": np.full(3, 5.0), "dt": 0.01}
    return spec | changes


def test_decays_of_two_synapses_are_taken_or_refused() -> None:
    assert from_peers(two_synapses()).dash_syn.tolist() == [[1.0, 5.0]] * 3
    assert from_peers(two_synapses()).bias_hidden is None
    with pytest.raises(InvalidInput, match="dash_syn of 6 and dash_syn_2 of 3"):
        from_peers(two_synapses(dash_syn=np.arange(6.0)))
    with pytest.raises(InvalidInput, match="dash_syn_2 of 3, all 0") as caught:
        from_peers(two_synapses(dash_syn_2=np.zeros(3)))
    assert "set dash_syn and dash_syn_2" in caught.value.hint


def test_what_is_missing_or_does_not_fit_is_named() -> None:
    with pytest.raises(InvalidInput, match="has no dt"):
        from_peers(two_synapses(dt=None))
    with pytest.raises(InvalidInput, match=r"weights of \(2, 4, 2\) and \(3, 3\) do not fit 3 hid"):
        from_peers(two_synapses(weights_in=np.ones((2, 4, 2))))
