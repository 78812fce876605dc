"""How a module that has no counterpart on any chip is refused."""

from torch import nn

from eventstore.errors import InvalidInput


def refused(path: str, module: nn.Module, hint: str, why: str = "") -> InvalidInput:
    """Return the error that says which module cannot go on a chip, and why."""
    message = f"module {path!r} ({type(module).__name__}) cannot go on a chip"
    return InvalidInput(f"{message}: {why}" if why else message, hint=hint)
