import pytest
import torch

from eventstore.errors import InvalidInput
from snn.randomness import (
    check_generator_states,
    generator_states,
    own_randomness,
    set_generator_states,
)

CPU = torch.device("cpu")


def draw_and_fail() -> None:
    with own_randomness(1, CPU):
        torch.rand(3)
        raise ZeroDivisionError


def test_randomness_is_as_it_was_afterwards_also_after_an_error() -> None:
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError):
        draw_and_fail()
    assert torch.equal(torch.get_rng_state(), before)


def test_processes_draw_each_of_their_own_and_the_first_as_one_alone() -> None:
    def drawn(rank: int) -> list[float]:
        with own_randomness(7, CPU, rank=rank):
            found: list[float] = torch.rand(4).tolist()
            return found

    with own_randomness(7, CPU):
        alone = torch.rand(4).tolist()
    assert drawn(0) == alone
    assert len({tuple(drawn(rank)) for rank in range(4)}) == 4


def test_a_state_put_back_draws_the_same() -> None:
    with own_randomness(0, CPU):
        kept = generator_states(CPU)
        drawn = torch.rand(5)
        set_generator_states(kept, CPU)
        assert torch.equal(torch.rand(5), drawn)


@pytest.mark.parametrize(
    "states", [{}, {"cpu": torch.zeros(3, dtype=torch.uint8)}, {"cpu": torch.zeros(5056)}]
)
def test_what_is_no_state_is_refused(states: dict[str, torch.Tensor]) -> None:
    with pytest.raises(InvalidInput, match="no state of torch's cpu generator"):
        check_generator_states(states, CPU)
    check_generator_states(generator_states(CPU), CPU)
