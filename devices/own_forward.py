"""Modules that compute something else than what they are: forward hooks, forwards of one's own.

Modules of torch and snn are read by what they hold, without being run. Whatever else happens when
they are called would be lost without a word, so it is refused, or followed by running them.
"""

from functools import partial
from typing import Any

from torch import nn
from torch.nn.modules import module as for_all

from devices.refusal import refused
from eventstore.errors import InvalidInput

HOOKS = ("_forward_pre_hooks", "_forward_hooks")
KNOWN = ("torch.nn.modules.", "snn.")
"""Packages whose forwards are known."""


class Followed(partial[Any]):
    """A forward that stands in for that of a module while what calls it is followed."""


def has_own_forward(module: nn.Module) -> bool:
    """Say whether a module's ``forward`` is the user's, and not that of a module of torch or snn.

    Examples:
        >>> class Doubled(nn.Linear):
        ...     def forward(self, x):
        ...         return 2 * super().forward(x)
        >>> has_own_forward(Doubled(2, 3)), has_own_forward(nn.Linear(2, 3))
        (True, False)
    """
    replaced = vars(module).get("forward")
    if replaced is not None and not isinstance(replaced, Followed):
        return True
    defining = next(kind for kind in type(module).__mro__ if "forward" in vars(kind))
    return not defining.__module__.startswith(KNOWN)


def refuse_hooks(path: str, module: nn.Module) -> None:
    """Refuse a module on which forward hooks are registered, or on all modules there are.

    Raises:
        InvalidInput: there is one.
    """
    if any(getattr(for_all, f"_global{name}") for name in HOOKS):
        message = "forward hooks are registered on all modules: what they change is not seen"
        raise InvalidInput(message, hint="remove them: the handle from registering has remove()")
    if any(getattr(module, name) for name in HOOKS):
        hint = "remove them: the handle from registering has remove(); of torch.nn.utils, make "
        hint += "them permanent: prune.remove, remove_weight_norm, remove_spectral_norm"
        raise refused(path, module, hint, "it has forward hooks, and what they change is not seen")


def refuse_own_forward(path: str, module: nn.Module) -> None:
    """Refuse a kind of layer that computes in its own way.

    Raises:
        InvalidInput: it does.
    """
    if has_own_forward(module):
        base = next(k.__name__ for k in type(module).__mro__ if k.__module__.startswith(KNOWN))
        hint = f"use nn.Module and call a {base} in its forward, or {base} itself"
        why = f"it computes something else than {base}, of which it is a kind"
        raise refused(path, module, hint, why)
