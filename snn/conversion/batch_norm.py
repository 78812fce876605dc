r"""Fold batch normalisation into weights: the same function in evaluation, with one layer less.

$$ y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta = g\,x + h $$

After weights it scales their outputs: $w \leftarrow g w,\; b \leftarrow g b + h$. Before weights
it scales their inputs, which is exact unless zeros are padded in between to a shifted map.
"""

from collections import OrderedDict
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import torch
from jaxtyping import Float64
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.conversion.chain import WITHOUT_EFFECT, check_plain_weights, leaves, refusal
from snn.sequential import SpikingSequential

Weighted: TypeAlias = nn.Linear | nn.Conv1d | nn.Conv2d
Norm: TypeAlias = nn.BatchNorm1d | nn.BatchNorm2d | nn.SyncBatchNorm


class Affine(NamedTuple):
    """What batch normalisation does to each channel in evaluation: ``gain * x + shift``."""

    gain: Float64[Tensor, " c"]
    shift: Float64[Tensor, " c"]


def affine_of(module: Norm) -> Affine:
    """Return what a batch normalisation does in evaluation, in double precision.

    Raises:
        InvalidInput: it keeps no statistics, so it has no evaluation of its own.

    Examples:
        >>> affine_of(nn.BatchNorm2d(1, eps=3.0)).gain
        tensor([0.5000], dtype=torch.float64)
    """
    if module.running_mean is None or module.running_var is None:
        message = f"{type(module).__name__} keeps no mean and variance"
        raise InvalidInput(message, hint="train it with track_running_stats=True")
    mean = module.running_mean.detach().double()
    gain = (module.running_var.detach().double() + module.eps).rsqrt()
    if module.affine:
        gain = gain * module.weight.detach().double()
        return Affine(gain, module.bias.detach().double() - mean * gain)
    return Affine(gain, -mean * gain)


def fold_batch_norm(model: nn.Sequential) -> nn.Sequential:
    """Return a copy without batch normalisation that computes the same in evaluation.

    Each is folded into the convolution or linear layer before it, or, where it follows neurons or
    a rectifier, into the one after it. Containers are unpacked: layer ``block.0`` is then called
    ``block_0``. Linear layers are taken to see ``(B, features)``. The model is left as it is; the
    copy is in evaluation mode.

    Args:
        model: a chain, of spiking layers or not.

    Raises:
        InvalidInput: a normalisation cannot be folded exactly; the message says which and why.

    Examples:
        >>> net = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2), nn.ReLU())
        >>> [type(module).__name__ for module in fold_batch_norm(net)]
        ['Conv2d', 'ReLU']
    """
    walk = _Folding()
    for path, module in leaves(model):
        walk.take(path, module)
    if walk.pending is not None:
        hint = "put it before the last neurons, right after the layer with weights"
        why = "nothing follows it to fold it into"
        raise refusal(walk.pending.path, walk.pending.module, why, hint)
    chain = SpikingSequential if isinstance(model, SpikingSequential) else nn.Sequential
    return chain(walk.layers).eval()


@dataclass(slots=True)
class _Pending:
    """A normalisation that waits for weights to come."""

    path: str
    module: nn.Module
    affine: Affine
    flattened: bool = False


class _Folding:
    """Walks a chain; ``into`` is the layer whose outputs reach here through averages alone."""

    def __init__(self) -> None:
        self.layers: OrderedDict[str, nn.Module] = OrderedDict()
        self.pending: _Pending | None = None
        self._into: Weighted | None = None

    def take(self, path: str, module: nn.Module) -> None:
        if isinstance(module, Norm):
            self._take_norm(path, module)
            return
        kept = deepcopy(module)
        if isinstance(kept, Weighted):
            check_plain_weights(path, kept)
            if self.pending is not None:
                _fold_inputs(kept, path, self.pending)
                self.pending = None
            self._into = kept
        elif not _passes_affine(module):
            if self.pending is not None and not isinstance(module, nn.Flatten):
                where = f"{type(module).__name__} {path!r} stands between it and the weights after"
                hint = "put it right after the convolution or linear layer before it"
                raise refusal(self.pending.path, self.pending.module, where, hint)
            if self.pending is not None:
                self.pending.flattened = True
            self._into = None
        self.layers[path.replace(".", "_")] = kept

    def _take_norm(self, path: str, module: Norm) -> None:
        try:
            affine = affine_of(module)
        except InvalidInput as error:
            raise refusal(path, module, "it keeps no mean and variance", error.hint) from error
        if self._into is not None:
            _fold_outputs(self._into, path, module, affine)
        elif self.pending is not None:
            gain, shift = self.pending.affine
            both = Affine(affine.gain * gain, affine.gain * shift + affine.shift)
            self.pending = _Pending(path, module, both)
        else:
            self.pending = _Pending(path, module, affine)


def _passes_affine(module: nn.Module) -> bool:
    """Say whether ``module(g·x + h) == g·module(x) + h`` in evaluation, for each channel."""
    if isinstance(module, nn.AvgPool1d | nn.AvgPool2d):
        sides = module.padding if isinstance(module.padding, tuple) else (module.padding,)
        own_divisor = isinstance(module, nn.AvgPool2d) and module.divisor_override is not None
        return not own_divisor and (not any(sides) or not module.count_include_pad)
    return isinstance(
        module,
        (*WITHOUT_EFFECT, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d),
    )


@torch.no_grad()
def _fold_outputs(layer: Weighted, path: str, module: nn.Module, affine: Affine) -> None:
    gain, shift = affine
    if len(gain) != len(layer.weight):
        why = f"it has {len(gain)} channels, the layer before it {len(layer.weight)}"
        raise refusal(path, module, why, "give both the same number of channels")
    bias = shift if layer.bias is None else layer.bias.double() * gain + shift
    weight = layer.weight.double() * gain.view(-1, *(1,) * (layer.weight.ndim - 1))
    _replace(layer, weight, bias)


@torch.no_grad()
def _fold_inputs(layer: Weighted, path: str, pending: _Pending) -> None:
    gain, shift = pending.affine
    weight = layer.weight.double()
    groups = 1 if isinstance(layer, nn.Linear) else layer.groups
    n_inputs = weight.shape[1] * groups
    if n_inputs != len(gain) and (not pending.flattened or n_inputs % len(gain)):
        why = f"it has {len(gain)} channels, {path!r} after it {n_inputs} inputs"
        raise refusal(pending.path, pending.module, why, "check the number of channels")
    if shift.any() and _pads_zeros(layer):
        why = f"{path!r} after it pads with zeros, which the shift would have to reach"
        hint = f"set padding=0 in {path!r}, or put it right after the layer with weights before it"
        raise refusal(pending.path, pending.module, why, hint)
    each = n_inputs // len(gain)  # flattened maps: so many inputs of each channel, side by side
    gain, shift = (t.repeat_interleave(each).view(groups, -1) for t in (gain, shift))
    by_group = weight.view(groups, -1, *weight.shape[1:])
    ones = (1,) * (weight.ndim - 2)
    moved = by_group * shift.view(groups, 1, -1, *ones)
    bias = moved.flatten(2).sum(2).flatten()
    scaled = (by_group * gain.view(groups, 1, -1, *ones)).view(weight.shape)
    _replace(layer, scaled, bias if layer.bias is None else layer.bias.double() + bias)


def _pads_zeros(layer: Weighted) -> bool:
    if isinstance(layer, nn.Linear) or layer.padding_mode != "zeros" or layer.padding == "valid":
        return False
    return layer.padding == "same" or any(side for side in layer.padding)


def _replace(layer: Weighted, weight: Tensor, bias: Tensor) -> None:
    like = layer.weight
    layer.weight = nn.Parameter(weight.to(like.dtype), requires_grad=like.requires_grad)
    layer.bias = nn.Parameter(bias.to(like.dtype), requires_grad=like.requires_grad)
