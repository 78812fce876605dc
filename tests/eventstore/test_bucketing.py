import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.bucketing import Bucket
from eventstore.errors import InvalidInput


@given(
    n=st.integers(0, 200),
    run=st.integers(1, 100),
    group=st.integers(1, 30),
    seed=st.integers(0, 5),
)
def test_an_order_stays_a_permutation_in_its_runs(n: int, run: int, group: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    order, size = rng.permutation(n), rng.integers(0, 10, n).astype(np.float64)
    arranged = Bucket(n=run).arrange(order, size, group=group, seed=seed, epoch=1)
    whole, each = n - n % group, max(run // group, 1) * group
    assert np.array_equal(arranged[whole:], order[whole:])
    for start in range(0, whole, each):
        stop = min(start + each, whole)
        before, after = order[start:stop], arranged[start:stop]
        assert sorted(before.tolist()) == sorted(after.tolist())
        # The groups are the sorted run cut up, in any order.
        cut = sorted(before.tolist(), key=lambda i: size[i])  # stable
        groups = {tuple(cut[i : i + group]) for i in range(0, len(cut), group)}
        assert {tuple(after[i : i + group].tolist()) for i in range(0, len(after), group)} == groups


def test_longer_runs_pad_less() -> None:
    rng = np.random.default_rng(0)
    order, size = rng.permutation(4_096), rng.integers(1, 100, 4_096).astype(np.float64)

    def padding(arranged: np.ndarray) -> float:
        batches = size[arranged].reshape(-1, 32)
        return float((batches.max(1, keepdims=True) - batches).sum() / size.sum())

    shares = [
        padding(Bucket(n=n).arrange(order, size, group=32, seed=0, epoch=0))
        for n in (32, 256, 4_096)
    ]
    assert padding(order) == shares[0] > 0.5
    assert shares[0] > 3 * shares[1] > 9 * shares[2]


def test_groups_come_in_another_order_each_epoch() -> None:
    order, size = np.arange(64), np.arange(64.0)
    arranged = {
        tuple(Bucket(n=64).arrange(order, size, group=4, seed=seed, epoch=epoch).tolist())
        for seed in range(2)
        for epoch in range(2)
    }
    assert len(arranged) == 4


def test_fields_are_checked_and_told_apart() -> None:
    with pytest.raises(InvalidInput, match=r"Bucket\(n=0\) is out of range"):
        Bucket(n=0)
    with pytest.raises(InvalidInput, match="none of the choices"):
        Bucket(n=1, by="frames")  # type: ignore[arg-type]
    buckets = [Bucket(n=1), Bucket(n=2), Bucket(n=1, by="duration")]
    assert len({bucket.fingerprint for bucket in buckets}) == 3
