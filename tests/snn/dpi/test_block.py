import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from snn.dpi import layout as at
from snn.dpi.block import add_to_spikes, load, prepare, settle, store
from snn.dpi.layout import BLOCK, N_CONSTANTS, N_GRADIENTS, N_ROWS, N_STATES


@settings(max_examples=20, deadline=None)
@given(
    start=st.integers(0, 5), width=st.integers(1, 2 * BLOCK + 3), beyond=st.integers(0, BLOCK + 1)
)
def test_columns_come_out_as_they_went_in_and_no_others(
    start: int, width: int, beyond: int
) -> None:
    stop = start + width
    source = np.arange(N_STATES * (stop + beyond), dtype=np.float32).reshape(N_STATES, -1)
    blocks = np.zeros((-(-width // BLOCK), N_ROWS * BLOCK), np.float32)
    into = np.full_like(source, -1.0)
    load(blocks, source, start, stop)
    store(blocks, into, start, stop)
    assert np.array_equal(into[:, start:stop], source[:, start:stop])
    assert np.all(into[:, :start] == -1.0)
    assert np.all(into[:, stop:] == -1.0)


def test_constants_follow_the_state_with_what_would_be_divided() -> None:
    rng = np.random.default_rng(1)
    constants = rng.uniform(1.0, 2.0, (N_CONSTANTS, BLOCK + 2))
    blocks = np.zeros((2, N_ROWS * BLOCK))
    prepare(blocks, constants, 0, BLOCK + 2)
    leak, gain, threshold = constants[6], constants[8], constants[11]
    for row, wanted in (
        (at.LEAK, leak),
        (at.PER_LEAK, 1 / leak),
        (at.GAIN_PER_LEAK, gain / leak),
        (at.PER_THRESHOLD, 1 / threshold),
    ):
        found = blocks[:, int(row) : int(row) + BLOCK].reshape(-1)[: BLOCK + 2]
        np.testing.assert_allclose(found, wanted, rtol=1e-15)


def test_gradients_to_constants_are_added_once_and_begin_anew() -> None:
    n = BLOCK + 2
    grads = np.ones((2, N_GRADIENTS * BLOCK), np.float32)
    into = np.zeros((N_CONSTANTS, n))
    for _ in range(2):
        settle(grads, into, 0, n)
    assert np.all(into[:-1] == 1.0)
    assert np.all(into[-1] == 0.0)


def test_gradients_to_spikes_reach_the_neuron_they_belong_to() -> None:
    grads = np.zeros((2, N_GRADIENTS * BLOCK), np.float32)
    add_to_spikes(grads, np.arange(BLOCK + 2, dtype=np.float32))
    first = int(at.G_SPIKES)
    assert grads[1, first + 1] == BLOCK + 1
    assert grads[0, first + 5] == 5.0
    assert grads.sum() == np.arange(BLOCK + 2).sum()
