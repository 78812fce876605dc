"""Torch's own randomness, that dropout and robust training draw from: kept and put back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor

from eventstore.errors import InvalidInput

APART = 1_000_003
"""Between the seeds of two processes of one training, far apart from seeds that people choose."""


@contextmanager
def own_randomness(seed: int, torch_device: torch.device, *, rank: int = 0) -> Iterator[None]:
    """Seed torch's generators, and leave them as they were found when done.

    Args:
        seed: chosen by the user.
        torch_device: the generator of a GPU is kept too where this is one.
        rank: which process of several: each draws of its own, the first as one alone would.

    Examples:
        >>> with own_randomness(3, torch.device("cpu")):
        ...     drawn = torch.rand(2)
        >>> with own_randomness(3, torch.device("cpu")):
        ...     assert torch.equal(torch.rand(2), drawn)
    """
    devices = [torch_device] if torch_device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed + APART * rank)
        yield


def generator_states(torch_device: torch.device) -> dict[str, Tensor]:
    """Return the state of each generator that a training on this device draws from."""
    states = {"cpu": torch.get_rng_state()}
    if torch_device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(torch_device)
    return states


def check_generator_states(states: Mapping[str, Tensor], torch_device: torch.device) -> None:
    """Refuse states that `set_generator_states` could not put back.

    Raises:
        InvalidInput: a generator is missing, or its state is none.
    """
    for name, mine in generator_states(torch_device).items():
        found = states.get(name)
        if found is None or (found.shape, found.dtype) != (mine.shape, mine.dtype):
            message = f"no state of torch's {name} generator"
            raise InvalidInput(message, hint="resume with the version of torch that wrote it")


def set_generator_states(states: Mapping[str, Tensor], torch_device: torch.device) -> None:
    """Put the generators back into states that `generator_states` returned."""
    torch.set_rng_state(states["cpu"].cpu())
    if torch_device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"].cpu(), torch_device)
