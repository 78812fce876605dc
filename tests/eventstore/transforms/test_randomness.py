from hypothesis import given
from hypothesis import strategies as st

from eventstore.transforms import RandomKey


@given(st.lists(st.text(max_size=5), max_size=5), st.text(max_size=5))
def test_a_sample_has_the_same_seed_in_any_company(others: list[str], sample: str) -> None:
    key = RandomKey(seed=5, epoch=2)
    assert key.seeds([*others, sample], stage=1)[-1] == key.seeds([sample], stage=1)[0]


def test_seed_epoch_stage_and_sample_each_matter() -> None:
    seeds = {
        int(RandomKey(seed=seed, epoch=epoch).seeds([sample], stage=stage)[0])
        for seed in (0, 1, 10)
        for epoch in (0, 1)
        for stage in (0, 1)
        for sample in ("a", "b")
    }
    assert len(seeds) == 24


def test_golden_seed_never_changes() -> None:
    seeds = RandomKey(seed=1, epoch=2).seeds(["Train/3/00891#0-306000"], stage=0)
    assert seeds.tolist() == [GOLDEN]


GOLDEN = 12156772683693374909
