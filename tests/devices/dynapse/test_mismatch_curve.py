import numpy as np
import pytest

from devices.dynapse.mismatch import ChipMismatch
from devices.dynapse.mismatch_curve import accuracy_over_mismatch
from devices.dynapse.net import net_of
from devices.dynapse.simulate import simulate
from eventstore.errors import InvalidInput
from tests.devices.dynapse.small_nets import small_dpi_graph


def test_accuracy_falls_from_what_the_network_says_without_mismatch() -> None:
    net = net_of(small_dpi_graph())
    x = np.random.default_rng(1).poisson(0.35, (40, 40, 8)).astype(np.uint8)
    labels = simulate(net, x).predictions
    none, small, large = accuracy_over_mismatch(
        [net], x, labels, sigmas=(0.0, 0.05, 0.5), n_chips=8
    )
    assert none.mean == 1.0
    assert none.n_draws == 1
    assert large.mean < small.mean < 1.0
    assert large.n_draws == 8
    only = ChipMismatch(only=("iw_ahp",))  # there is no adaptation
    (still,) = accuracy_over_mismatch([net], x, labels, sigmas=(0.3,), mismatch=only, n_chips=2)
    assert still.mean == 1.0


def test_nothing_to_test_is_refused() -> None:
    net, x = net_of(small_dpi_graph()), np.zeros((1, 2, 8))
    with pytest.raises(InvalidInput, match="no network to test"):
        accuracy_over_mismatch([], x, np.zeros(1, int))
    with pytest.raises(InvalidInput, match="no chip to test"):
        accuracy_over_mismatch([net], x, np.zeros(1, int), n_chips=0)
