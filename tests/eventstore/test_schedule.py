import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.schedule import ReadPlan, Share

sizes = {"n": st.integers(0, 90), "batch_size": st.integers(1, 9), "world": st.integers(1, 5)}


@given(**sizes, data=st.data())
def test_ranks_cover_the_order_exactly_once_from_any_position(
    n: int, batch_size: int, world: int, data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, n))
    served = [
        i
        for rank in range(world)
        for s in Share(batch_size=batch_size, rank=rank, world_size=world).steps(n, position)
        for i in range(s.start, s.stop)
    ]
    assert sorted(served) == list(range(position, n))


@given(**sizes)
def test_a_step_of_all_ranks_is_one_run_of_the_order(n: int, batch_size: int, world: int) -> None:
    """So the global order, and each step's samples, depend on the product of sizes alone."""
    shares = [Share(batch_size=batch_size, rank=r, world_size=world) for r in range(world)]
    together: dict[int, list[int]] = {}
    for share in shares:
        for step in share.steps(n):
            together.setdefault(step.after, []).extend(range(step.start, step.stop))
    low = 0
    for after in sorted(together):
        assert sorted(together[after]) == list(range(low, after))
        low = after
    assert low == n


@given(**sizes)
def test_without_the_last_step_all_ranks_serve_full_batches(
    n: int, batch_size: int, world: int
) -> None:
    for rank in range(world):
        share = Share(batch_size=batch_size, rank=rank, world_size=world, drop_last=True)
        steps = list(share.steps(n))
        assert len(steps) == n // (batch_size * world)
        assert all(s.stop - s.start == batch_size for s in steps)
        assert share.end(n) == len(steps) * batch_size * world


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(0, 20), st.integers(1, 7))
def test_blocks_are_read_once_in_time_and_let_go(blocks: list[int], ahead: int, batch: int) -> None:
    block_of = np.array(blocks, np.int64)
    plan = ReadPlan.of(block_of, ahead=ahead)
    assert sorted(plan.blocks.tolist()) == sorted(set(blocks))
    before = 0
    for stop in range(min(batch, len(blocks)), len(blocks) + 1, batch):
        started = plan.started(stop)
        assert before <= started
        assert set(blocks[:stop]) <= set(plan.blocks[:started].tolist())
        before = started
    assert plan.started(len(blocks)) == len(plan.blocks)
    for block, last in plan.last_use.items():
        assert blocks[last] == block
        assert block not in blocks[last + 1 :]


def test_reads_keep_an_even_pace() -> None:
    plan = ReadPlan.of(np.repeat(np.arange(10), 8), ahead=2)
    assert [plan.started(stop) for stop in range(8, 81, 8)] == [3, 4, 5, 6, 7, 8, 9, 10, 10, 10]


def test_wrong_shares_are_refused() -> None:
    with pytest.raises(InvalidInput, match="rank 2 is not one of 2"):
        Share(batch_size=1, rank=2, world_size=2)
    with pytest.raises(InvalidInput, match="batch_size=0 is below 1"):
        Share(batch_size=0)
