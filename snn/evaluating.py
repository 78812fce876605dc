"""Run a network as it is evaluated, and leave it as it was found."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model and all that is in it into evaluation; each module gets its own mode back.

    Whatever goes wrong meanwhile: a model that an error left in evaluation would go on training
    without dropout. A part that its owner keeps in evaluation stays there.

    Args:
        model: any module.

    Examples:
        >>> model = nn.Sequential(nn.Dropout(), nn.Dropout().eval())
        >>> with evaluating(model):
        ...     model[0].training
        False
        >>> [module.training for module in model.modules()]
        [True, True, False]
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
