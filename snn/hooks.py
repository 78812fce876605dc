"""Whether somebody looks at what goes through a module, so that no shortcut may pass it by."""

from torch import nn
from torch.nn.modules import module as hooked

OF_MODULES = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")

OF_ALL_MODULES = (
    "_global_forward_hooks",
    "_global_forward_pre_hooks",
    "_global_backward_hooks",
    "_global_backward_pre_hooks",
)


def is_watched(module: nn.Module) -> bool:
    """Say whether a hook is registered on a module, or on all modules there are.

    Examples:
        >>> layer = nn.Linear(2, 1)
        >>> handle = layer.register_forward_hook(lambda module, x, y: None)
        >>> is_watched(layer), handle.remove(), is_watched(layer)
        (True, None, False)
    """
    # torch has no public way to ask.
    own = any(getattr(module, name) for name in OF_MODULES)
    return own or any(getattr(hooked, name) for name in OF_ALL_MODULES)
