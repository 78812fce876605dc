from hypothesis import given
from hypothesis import strategies as st

from eventstore.transforms import RandomKey


@given(st.lists(st.text(max_size=5), max_size=5), st.text(max_size=5))
def test_a_sample_draws_the_same_in_any_company(others: list[str], sample: str) -> None:
    key = RandomKey(seed=5, epoch=2)
    in_company = key.generators([*others, sample], stage=1)[-1].random(3)
    assert key.generators([sample], stage=1)[0].random(3).tolist() == in_company.tolist()


def test_seed_epoch_stage_and_sample_each_matter() -> None:
    draws = {
        RandomKey(seed=seed, epoch=epoch).generators([sample], stage=stage)[0].random()
        for seed in (0, 1)
        for epoch in (0, 1)
        for stage in (0, 1)
        for sample in ("a", "b")
    }
    assert len(draws) == 16


def test_golden_draw_never_changes() -> None:
    rng = RandomKey(seed=1, epoch=2).generators(["Train/3/00891#0-306000"], stage=0)[0]
    assert rng.bit_generator.random_raw() == GOLDEN


GOLDEN = 16801455317096265042
