import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.shuffle import BlockOrder, permutation, plan_blocks

orders = st.builds(
    BlockOrder,
    n=st.integers(0, 300),
    block_size=st.integers(1, 40),
    blocks_in_flight=st.integers(1, 9),
    seed=st.integers(0, 1 << 70),
    epoch=st.integers(0, 1000),
    shuffle=st.booleans(),
)


@given(orders)
def test_every_sample_is_served_exactly_once(order: BlockOrder) -> None:
    assert np.array_equal(np.sort(order.rows()), np.arange(order.n))


@given(orders)
def test_a_pool_holds_whole_blocks_and_is_known_without_the_others(order: BlockOrder) -> None:
    blocks, rows, start = order.blocks(), order.rows(), 0
    for k in range(order.n_pools):
        pool = order.pool(k, blocks)
        assert np.array_equal(pool, rows[start : start + len(pool)])
        assert len(np.unique(pool // order.block_size)) <= order.blocks_in_flight
        start += len(pool)
    assert start == order.n


@given(st.integers(0, 100), st.integers(1, 10), st.integers(1, 5))
def test_without_shuffling_the_order_is_kept(n: int, size: int, in_flight: int) -> None:
    order = BlockOrder(n=n, block_size=size, blocks_in_flight=in_flight, shuffle=False)
    assert np.array_equal(order.rows(), np.arange(n))


def test_seeds_epochs_and_purposes_give_other_orders() -> None:
    arguments = [(0, 0, "a"), (1, 0, "a"), (0, 1, "a"), (0, 0, "b"), (10, 0, "a"), (1, 0, "0 a")]
    orders = {tuple(permutation(50, *each).tolist()) for each in arguments}
    assert len(orders) == len(arguments)


def test_golden_order_never_changes() -> None:
    order = BlockOrder(n=17, block_size=3, blocks_in_flight=2, seed=7, epoch=2)
    assert order.rows().tolist() == GOLDEN


def test_order_does_not_depend_on_the_process() -> None:
    code = (
        "from eventstore.shuffle import BlockOrder;"
        "print(BlockOrder(n=17, block_size=3, blocks_in_flight=2, seed=7, epoch=2).rows().tolist())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == str(GOLDEN)


def test_positions_are_uniform() -> None:
    # 2,000 epochs of 10 samples: each is served first 200 times, sd 13.4.
    firsts = [
        BlockOrder(n=10, block_size=2, blocks_in_flight=2, seed=0, epoch=e).rows()[0]
        for e in range(2_000)
    ]
    assert np.all(np.abs(np.bincount(firsts, minlength=10) - 200) < 5 * 13.4)


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_planned_pools_fit_in_memory(n: int, mean: int) -> None:
    block_size, in_flight = plan_blocks(n, n * mean)
    assert block_size >= 1
    assert in_flight >= 1
    assert block_size * in_flight * mean <= max(1 << 23, mean)


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(InvalidInput, match="block_size=0 is below 1"):
        BlockOrder(n=3, block_size=0, blocks_in_flight=1)


GOLDEN = [16, 8, 7, 15, 6, 12, 14, 13, 4, 5, 3, 2, 10, 1, 0, 9, 11]
