import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.dynapse.clusters import cluster_neurons
from eventstore.errors import InvalidInput


def places(core: np.ndarray) -> list[int]:
    return [int(count) for count in np.bincount(core)]


@pytest.mark.parametrize(
    ("n", "cores"), [(1, 1), (255, 1), (256, 1), (257, 2), (512, 2), (4096, 16)]
)
def test_full_cores_are_full_and_no_core_is_empty(n: int, cores: int) -> None:
    found = cluster_neurons(np.full((3, n), 1e-12), n_cores=16, per_core=256)
    assert len(places(found.core)) == cores
    assert max(places(found.core)) <= 256
    assert found.deviation == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 60),
    per_core=st.integers(1, 20),
    kinds=st.integers(1, 5),
    seed=st.integers(0, 2**31),
)
def test_every_neuron_gets_a_core_that_is_there(
    n: int, per_core: int, kinds: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    currents = np.exp(rng.normal(size=(3, kinds)))[:, rng.integers(0, kinds, n)] * 1e-12
    n_cores = 16
    if n > n_cores * per_core:
        with pytest.raises(InvalidInput, match="neurons on 16 cores"):
            cluster_neurons(currents, n_cores=n_cores, per_core=per_core)
        return
    found = cluster_neurons(currents, n_cores=n_cores, per_core=per_core)
    counts = places(found.core)
    assert len(found.core) == n
    assert min(counts) >= 1
    assert max(counts) <= per_core
    assert len(counts) == found.currents.shape[1] <= n_cores
    worst = np.abs(found.currents[:, found.core] / currents - 1).max()
    assert worst <= found.deviation * (1 + 1e-6) + 1e-9


def test_kinds_of_neurons_get_cores_of_their_own() -> None:
    kinds = np.array([[1e-12, 5e-12, 9e-12]])[:, np.arange(30) % 3]
    found = cluster_neurons(kinds, n_cores=16, per_core=256)
    assert found.deviation <= 0.01
    assert [len(set(found.core[k::3].tolist())) for k in range(3)] == [1, 1, 1]
    assert len(set(found.core.tolist())) == 3


def test_more_kinds_than_cores_share_with_the_nearest() -> None:
    rising = np.geomspace(1e-12, 2e-12, 40)[None]
    found = cluster_neurons(rising, n_cores=4, per_core=12)
    assert len(set(found.core.tolist())) == 4
    assert 0 < found.deviation < 0.3


def test_no_neurons_need_no_core() -> None:
    assert cluster_neurons(np.zeros((2, 0)), n_cores=4, per_core=12).currents.shape == (2, 0)
