"""Walk a chain of layers, containers unpacked, and refuse by name what cannot be expressed."""

from collections.abc import Iterator

from torch import nn

from eventstore.errors import InvalidInput
from snn.event_pooling import AVERAGES
from snn.layers import StatefulLayer
from snn.sequential import modules_in_order

WITHOUT_EFFECT = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Identity)
"""Modules that do nothing in evaluation."""

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.SyncBatchNorm)


def leaves(model: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Iterate over the layers of a chain in order, by path, those in containers included.

    Raises:
        InvalidInput: it is no chain, or two paths are one name once dots are underscores.

    Examples:
        >>> net = nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), nn.Linear(3, 1))
        >>> [path for path, _ in leaves(net)]
        ['0.0', '0.1', '1']
    """
    if not isinstance(model, nn.Sequential):
        message = f"the network is a {type(model).__name__}, not a chain of layers"
        raise InvalidInput(message, hint="write it as nn.Sequential(…)")
    seen: dict[str, str] = {}
    for name, module in _walk(model, path):
        flat = name.replace(".", "_")
        if flat in seen:
            message = f"modules {seen[flat]!r} and {name!r} would both be called {flat!r}"
            raise InvalidInput(message, hint="rename one of them")
        seen[flat] = name
        yield name, module


def _walk(model: nn.Sequential, path: str) -> Iterator[tuple[str, nn.Module]]:
    for name, module in modules_in_order(model):
        below = f"{path}.{name}" if path else name
        if isinstance(module, nn.Sequential):
            yield from _walk(module, below)
        else:
            yield below, module


def check_plain_weights(path: str, module: nn.Module) -> None:
    """Refuse a layer whose weights are computed from others, for new ones would be overwritten.

    Raises:
        InvalidInput: it is pruned or parametrised.
    """
    if "weight" not in dict(module.named_parameters(recurse=False)):
        hint = (
            "make them plain: torch.nn.utils.parametrize.remove_parametrizations(layer, 'weight'), "
            "or torch.nn.utils.prune.remove(layer, 'weight')"
        )
        raise refusal(path, module, "its weights are computed from others", hint)


def refusal(path: str, module: nn.Module, why: str, hint: str) -> InvalidInput:
    """Return the error that names a module that cannot be folded or converted.

    Examples:
        >>> refusal("3", nn.Tanh(), "it is no rectifier", "train with nn.ReLU()").message
        "module '3' (Tanh) cannot be converted: it is no rectifier"
    """
    return InvalidInput(
        f"module {path!r} ({type(module).__name__}) cannot be converted: {why}", hint=hint
    )


def check_expressible(path: str, module: nn.Module) -> None:
    """Refuse a module that neurons of rates cannot express.

    Raises:
        InvalidInput: it is one; the message says why, the hint what to train with instead.
    """
    if isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) != (1, -1):
        why = f"it flattens axes {module.start_dim} … {module.end_dim}"
        raise refusal(path, module, why, "use nn.Flatten() with its defaults")
    known = (*WEIGHTED, *NORMS, *AVERAGES, *WITHOUT_EFFECT, nn.ReLU, nn.Flatten)
    if isinstance(module, known):
        return
    for kinds, why, hint in _REASONS:
        if isinstance(module, kinds):
            raise refusal(path, module, why, hint)
    listed = ", ".join(kind.__name__ for kind in known)
    raise refusal(path, module, "it has no counterpart in spikes", f"build the network of {listed}")


_REASONS: tuple[tuple[tuple[type[nn.Module], ...], str, str], ...] = (
    (
        (nn.MaxPool1d, nn.MaxPool2d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d),
        "the maximum of spikes in each step is not the spikes of the maximum",
        "train with average pooling, nn.AvgPool2d",
    ),
    (
        (nn.Softmax, nn.LogSoftmax),
        "probabilities are no rates",
        "leave it out: the classes rank alike without it",
    ),
    (
        (nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm1d, nn.InstanceNorm2d),
        "it normalises each sample by itself, which weights cannot",
        "train with nn.BatchNorm2d, which is folded into weights",
    ),
    (
        (
            *(nn.LeakyReLU, nn.PReLU, nn.ELU, nn.GELU, nn.SiLU, nn.ReLU6, nn.Hardtanh),
            *(nn.Sigmoid, nn.Tanh, nn.Softplus, nn.Hardswish, nn.Mish, nn.SELU),
        ),
        "a rate follows max(x, 0), no other curve",
        "train with nn.ReLU()",
    ),
    ((StatefulLayer,), "it has memory already", "give the network of rectifiers it came from"),
)
