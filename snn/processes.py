"""Several processes that train one network: what they tell each other.

Started by ``torchrun``, each process trains on its share of every step's samples. Gradients are
summed over all of them, weighted by samples, in one message a step: so a step is that of one
process with all the samples, up to the rounding of sums.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from eventstore.errors import InvalidInput, Unreachable

T = TypeVar("T")

TIMEOUT_S = 1800.0
"""How long a process waits for the others; the first evaluates held-out samples meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The processes of a training; by default it has one, and nothing is sent.

    Args:
        torch_device: where this one's tensors are.
        rank: which one this is; the first, 0, evaluates and writes files.
        size: how many there are.

    Examples:
        >>> team = Team(torch_device=torch.device("cpu"))
        >>> team.is_first, team.of_first({"epoch": 3}), team.of_all("here")
        (True, {'epoch': 3}, ['here'])
    """

    torch_device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this is the process that evaluates and writes files."""
        return self.rank == 0

    def of_first(self, value: T) -> T:
        """Return the value of the first process to all of them; plain values and tensors."""
        if self.size == 1:
            return value
        box: list[Any] = [value if self.is_first else None]
        with _answering():
            dist.broadcast_object_list(box, device=self.torch_device)
        found: T = box[0]
        return found

    def of_all(self, value: T) -> list[T]:
        """Return the values of all processes to all of them, in order."""
        if self.size == 1:
            return [value]
        values: list[Any] = [None] * self.size
        with _answering():
            dist.all_gather_object(values, value)
        return values

    def sum(self, value: Tensor) -> Tensor:
        """Return the sum of a tensor over all processes."""
        if self.size > 1:
            value = value.clone()
            with _answering():
                dist.all_reduce(value)
        return value

    def share_weights(self, model: nn.Module) -> None:
        """Give all processes the weights of the first."""
        if self.size > 1:
            state = [t for t in model.state_dict().values() if isinstance(t, Tensor)]
            with _answering():
                for tensor in state:
                    dist.broadcast(tensor, src=0)

    def mean_gradients(self, parameters: Sequence[nn.Parameter], n_samples: int) -> None:
        """Put in place of gradients their mean over the samples of all processes.

        Args:
            parameters: each with the gradient of this process's mean loss; without any in a process
                that had no samples.
            n_samples: how many samples that was the mean of.
        """
        if self.size == 1:
            return
        sizes = [p.numel() for p in parameters]
        # Behind the gradients: which parameters have one, and the number of samples.
        flat = parameters[0].new_zeros(sum(sizes) + len(sizes) + 1)
        *sums, present, total = torch.split(flat, [*sizes, len(sizes), 1])
        total.fill_(n_samples)
        for i, (parameter, its) in enumerate(zip(parameters, sums, strict=True)):
            if parameter.grad is not None and n_samples:
                its.copy_(parameter.grad.flatten()).mul_(n_samples)
                present[i] = 1
        with _answering():
            dist.all_reduce(flat)
        used = present.tolist()
        for parameter, its, one in zip(parameters, sums, used, strict=True):
            mean = (its / total).view_as(parameter).to(parameter.dtype)
            parameter.grad = mean if one else None


@contextmanager
def joined(torch_device: torch.device, *, timeout_s: float = TIMEOUT_S) -> Iterator[Team]:
    """Join the processes that ``torchrun`` started, or those of a group that is there already.

    Args:
        torch_device: where to train; of ``"cuda"``, each process of a machine takes its own GPU.
        timeout_s: how long to wait for the others, before it is an error.

    Raises:
        InvalidInput: the environment names a process of several, and not all that is needed to find
            the others.
        Unreachable: they do not come.
    """
    if not dist.is_available() or (not dist.is_initialized() and _world_size() == 1):
        yield Team(torch_device=torch_device)
        return
    if torch_device == torch.device("cuda"):
        torch_device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(torch_device)
    mine = not dist.is_initialized()
    if mine:
        # Its defaults are the group of the time of its import, which an optimiser would do later:
        # the group would then outlive its end, and threads of it the interpreter's, a crash.
        import_module("torch.distributed.nn.functional")
        backend = "nccl" if torch_device.type == "cuda" else "gloo"
        with _answering():
            dist.init_process_group(backend, timeout=timedelta(seconds=timeout_s))
    try:
        yield Team(rank=dist.get_rank(), size=dist.get_world_size(), torch_device=torch_device)
    finally:
        if mine:
            dist.destroy_process_group()


def _world_size() -> int:
    """Return how many processes ``torchrun`` says there are; 1 without it."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    missing = [n for n in ("RANK", "MASTER_ADDR", "MASTER_PORT") if n not in os.environ]
    if size > 1 and missing:
        message = f"WORLD_SIZE={size} is set in the environment, but not {', '.join(missing)}"
        raise InvalidInput(message, hint="start with torchrun, or unset WORLD_SIZE to train alone")
    return size


@contextmanager
def _answering() -> Iterator[None]:
    """Say what it means when the others are not there any more."""
    try:
        yield
    except RuntimeError as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        message = f"another process of this training does not answer: {first}"
        hint = "what it said itself is the cause; mend that, then go on with resume"
        raise Unreachable(message, hint=hint) from error
