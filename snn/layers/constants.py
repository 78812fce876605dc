"""Constants of a layer's neurons: fixed or trained, one for all or one each."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput, NotFound

Value: TypeAlias = float | Sequence[float] | Tensor
"""One number for all neurons, or a tensor of one for each, of a shape that broadcasts to theirs."""


class Constants(nn.Module):
    """Positive numbers by name, such as time constants and thresholds.

    A fixed constant is a buffer of its name. A trained one is a parameter ``log_`` name: its
    logarithm, so that it stays positive and a step of the optimiser changes it by a share of
    itself, whatever its unit.

    Args:
        values: the constants.
        train: names of those to train.

    Raises:
        InvalidInput: a constant is not positive and finite.
        NotFound: there is none of a name to train.

    Examples:
        >>> constants = Constants({"tau_mem": 0.02, "spike_threshold": 1.0}, train=("tau_mem",))
        >>> [name for name, _ in constants.named_parameters()]
        ['log_tau_mem']
        >>> round(constants["tau_mem"].item(), 4)
        0.02
    """

    def __init__(self, values: Mapping[str, Value], train: Collection[str] = ()) -> None:
        super().__init__()
        for name in train:
            if name not in values:
                what = "constant to train"
                raise NotFound.among(what, name, values)
        for name, value in values.items():
            tensor = torch.as_tensor(value, dtype=torch.get_default_dtype()).detach().clone()
            if not (tensor.numel() and bool((tensor > 0).all() and tensor.isfinite().all())):
                message = f"{name} {value} is not positive"
                hint = "times are in seconds: 20 ms is 0.02" if "tau" in name else "try 1.0"
                raise InvalidInput(message, hint=hint)
            if name in train:
                self.register_parameter(f"log_{name}", nn.Parameter(tensor.log()))
            else:
                self.register_buffer(name, tensor)

    def __getitem__(self, name: str) -> Tensor:
        """Return a constant, differentiable if it is trained."""
        trained = self._parameters.get(f"log_{name}")
        if trained is not None:
            return trained.exp()
        value = self._buffers.get(name)
        if value is None:
            what = "constant"
            raise NotFound.among(what, name, self.names)
        return value

    @property
    def names(self) -> list[str]:
        """Names of all constants."""
        return [*self._buffers, *(name.removeprefix("log_") for name in self._parameters)]

    @property
    def trained(self) -> list[str]:
        """Names of those that are trained."""
        return [name.removeprefix("log_") for name in self._parameters]

    def extra_repr(self) -> str:
        """Return the values, of many the range."""
        return ", ".join(f"{name}={_said(self[name])}" for name in self.names)


def _said(value: Tensor) -> str:
    if value.numel() == 1:
        return f"{value.item():.6g}"
    return f"{value.min().item():.4g}…{value.max().item():.4g}"


def decay(tau: Tensor, dt: float, *, bit_shift: bool = False) -> Tensor:
    r"""Return the share that stays after one step of ``dt`` seconds: $\exp(-dt / \tau)$.

    Args:
        tau: time constant in seconds.
        dt: length of a step in seconds.
        bit_shift: round it to what a chip computes by shifting, $1 - 2^{-k}$ with
            $k = round(\log_2(\tau / dt))$, at least 1; the gradient is that of the exact one.

    Examples:
        >>> round(decay(torch.tensor(0.02), 0.001).item(), 4)
        0.9512
        >>> decay(torch.tensor(0.016), 0.001, bit_shift=True).item()
        0.9375
    """
    exact = torch.exp(tau.reciprocal() * -dt)  # as -dt / tau does, without its wrapper
    if not bit_shift:
        return exact
    shift = torch.log2(tau.detach() / dt).round().clamp_min(1)
    return exact + (1 - torch.exp2(-shift) - exact).detach()


def check_dt(dt: float) -> float:
    """Return a time step in seconds.

    Raises:
        InvalidInput: it is not positive.
    """
    if not 0 < dt < math.inf:
        message = f"dt {dt} s is not positive"
        raise InvalidInput(message, hint="times are in seconds: 1 ms is 0.001")
    return dt
