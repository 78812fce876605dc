import numpy as np
import pytest

from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.quantize import quantize_net
from tests.devices.dynapse.small_nets import drawn_net


@pytest.mark.parametrize("recurrent", [False, True])
def test_signs_and_zeros_are_kept_and_sizes_nearly(recurrent: bool) -> None:
    net = drawn_net((9, 20, 5), 3, recurrent=recurrent, density=0.6)
    coded = quantize_net(net, DYNAPSE2)
    for before, after in zip(net.populations, coded.decoded().populations, strict=True):
        assert (after.weight[before.weight == 0] == 0).all()
        assert (np.sign(after.weight) * np.sign(before.weight) >= 0).all()
        off = np.sqrt(np.mean((after.weight - before.weight) ** 2) / np.mean(before.weight**2))
        assert off <= 0.08
        np.testing.assert_allclose(after.currents, before.currents, rtol=1e-6)
        assert (after.recurrent is None) != recurrent


def test_layers_with_other_currents_get_other_cores_and_weights_of_their_own() -> None:
    coded = quantize_net(drawn_net((4, 6, 6), 0), DYNAPSE2)
    first, second = coded.populations
    assert set(first.core.tolist()).isdisjoint(second.core.tolist())
    assert coded.n_cores == 2
