import json
from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.loader import Batch, Loader, Mixture
from eventstore.loader.mixture import turns
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import DropEvents, FramesByBins, Pipeline

PIPELINE = Pipeline(DropEvents(fraction=0.4), FramesByBins(n_bins=3))


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")


def loaders(selection: Selection, **arguments: Any) -> list[Loader]:
    parts = [selection.take(range(9)), selection.take(range(9, 13)), selection.take(range(13, 20))]
    return [Loader(part, PIPELINE, **{"batch_size": 2, **arguments}) for part in parts]


def same(a: list[Batch], b: list[Batch]) -> bool:
    return [x.ids for x in a] == [x.ids for x in b] and all(
        torch.equal(x.x, y.x) for x, y in zip(a, b, strict=True)
    )


@given(
    counts=st.lists(st.integers(0, 20), min_size=1, max_size=4),
    weighted=st.booleans(),
    seed=st.integers(0, 99),
)
def test_all_serve_all_they_have(counts: list[int], weighted: bool, seed: int) -> None:
    weights = [1 / (3 + i) for i in range(len(counts))] if weighted else None
    order = turns(counts, weights, seed=seed, epoch=2).tolist()
    assert Counter(order) == Counter({i: n for i, n in enumerate(counts) if n})
    assert order == turns(counts, weights, seed=seed, epoch=2).tolist()


def test_turns_follow_the_weights_while_all_have_some() -> None:
    order = turns([100_000, 100_000], [1, 3], seed=0, epoch=0)
    assert abs(int((order[:40_000] == 0).sum()) - 10_000) < 5 * 7_500**0.5


def test_without_weights_they_are_spread_over_the_epoch() -> None:
    order = turns([9_000, 1_000], None, seed=0, epoch=0)
    per_tenth = (order == 1).reshape(10, 1_000).sum(1)
    assert per_tenth.min() > 50
    assert per_tenth.max() < 150


@settings(max_examples=15)
@given(
    weights=st.sampled_from([None, [1, 1, 1], [5, 1, 0.1]]),
    until=st.sampled_from(["all", "any"]),
    taken=st.integers(0, 11),
    epoch=st.integers(0, 2),
)
def test_a_resumed_mixture_goes_on_to_the_bit(
    selection: Selection, weights: list[float] | None, until: Any, taken: int, epoch: int
) -> None:
    mixture = Mixture(loaders(selection), weights, seed=5, until=until)
    mixture.set_epoch(epoch)
    taken = min(taken, len(mixture))
    running = iter(mixture)
    for _ in range(taken):
        next(running)
    state = json.loads(json.dumps(mixture.state_dict()))
    rest = list(running)
    following = list(mixture)
    assert mixture.epoch == epoch + 2

    resumed = Mixture(loaders(selection), weights, seed=5, until=until)
    resumed.load_state_dict(state)
    assert resumed.epoch == epoch + (not rest)
    if rest:
        assert same(list(resumed), rest)
    assert same(list(resumed), following)


def test_each_loader_serves_its_own_order(selection: Selection) -> None:
    alone = [[b.ids for b in loader] for loader in loaders(selection)]
    mixed = [b.ids for b in Mixture(loaders(selection), [1, 2, 3])]
    assert [[ids for ids in mixed if ids in batches] for batches in alone] == alone
    assert len(mixed) == sum(map(len, alone)) == 11


def test_it_ends_with_the_first_if_asked(selection: Selection) -> None:
    for seed in range(5):
        mixture = Mixture(loaders(selection), [1, 1, 1], seed=seed, until="any")
        order = turns([5, 2, 4], [1, 1, 1], seed=seed, epoch=0).tolist()
        found = [b.ids for b in mixture]
        ends = min(max(i for i, k in enumerate(order) if k == which) for which in range(3))
        assert len(found) == len(mixture) or mixture.epoch == 1
        assert len(found) == ends + 1
    empty = [*loaders(selection), Loader(selection.take([]), PIPELINE)]
    assert list(Mixture(empty, until="any")) == []
    assert len(list(Mixture(empty))) == 11


def test_epochs_and_seeds_differ(selection: Selection) -> None:
    mixture = Mixture(loaders(selection))
    first, second = list(mixture), list(mixture)
    assert [b.ids for b in first] != [b.ids for b in second]
    mixture.set_epoch(0)
    assert same(list(mixture), first)
    next(iter(mixture))
    mixture.set_epoch(0)
    assert same(list(mixture), first)
    assert not same(list(Mixture(loaders(selection), seed=1)), first)


@pytest.mark.parametrize("world", [2, 3])
def test_each_step_of_all_ranks_is_of_one_loader(selection: Selection, world: int) -> None:
    order: list[list[int]] = []
    for rank in range(world):
        mixture = Mixture(loaders(selection, rank=rank, world_size=world, drop_last=True), seed=2)
        names = [set(loader.selection.sample_ids()) for loader in mixture.loaders]
        order.append([k for b in mixture for k in range(3) if b.ids[0] in names[k]])
    assert order[0]
    assert all(its == order[0] for its in order)
    served = [
        name
        for rank in range(world)
        for b in Mixture(loaders(selection, rank=rank, world_size=world))
        for name in b.ids
    ]
    assert sorted(served) == selection.sample_ids()


def test_ranks_stay_in_step_where_one_has_no_share(selection: Selection) -> None:
    mixtures = [Mixture(loaders(selection, rank=rank, world_size=2), seed=2) for rank in (0, 1)]
    first, second = (list(mixture.steps()) for mixture in mixtures)
    assert len(first) == len(second) == len(mixtures[0])
    alone = Mixture(loaders(selection, batch_size=4), seed=2)
    for one, other, batch in zip(first, second, alone, strict=True):
        assert one is not None
        assert one.ids + ([] if other is None else other.ids) == batch.ids
    assert second.count(None) == 1


def test_what_cannot_be_is_refused(selection: Selection) -> None:
    with pytest.raises(InvalidInput, match="a mixture of no loaders"):
        Mixture([])
    for weights in ([1], [1, 2, 0], [1, 2, float("inf")]):
        with pytest.raises(InvalidInput, match="of 3 loaders"):
            Mixture(loaders(selection), weights)
    with pytest.raises(InvalidInput, match="until='first'"):
        Mixture(loaders(selection), until="first")  # type: ignore[arg-type]
    state = Mixture(loaders(selection)).state_dict()
    with pytest.raises(InvalidInput, match="saved with seed 0, not 1"):
        Mixture(loaders(selection), seed=1).load_state_dict(state)
    wrong: list[dict[str, Any]] = [
        {"epoch": None},
        {"epoch": -1},
        {"position": "3"},
        {"loaders": []},
    ]
    for place in wrong:
        with pytest.raises(InvalidInput, match="a state at epoch"):
            Mixture(loaders(selection)).load_state_dict(state | place)
    other = [Loader(selection.take(range(9)), PIPELINE, batch_size=2, seed=k) for k in range(2)]
    half = Mixture(other[:1])
    next(iter(half))
    with pytest.raises(InvalidInput, match="saved with seed 0, this loader has 1"):
        Mixture(other[1:]).load_state_dict(half.state_dict())
    with pytest.raises(InvalidInput, match="saved with steps"):
        Mixture(loaders(selection)[:2]).load_state_dict(state)
