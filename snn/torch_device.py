"""Where torch computes: the processor, or a GPU that is there."""

import torch

from eventstore.errors import InvalidInput


def torch_device_named(name: str | torch.device) -> torch.device:
    """Return a device of torch that can be computed on.

    Args:
        name: ``"cpu"``, ``"cuda"``, or a certain GPU as ``"cuda:1"``.

    Raises:
        InvalidInput: it is none of them, or this machine has no such GPU.

    Examples:
        >>> torch_device_named("cpu")
        device(type='cpu')
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        message = f"torch_device={str(name)!r} is none that torch knows"
        raise InvalidInput(message, hint='use "cpu", "cuda" or "cuda:1"') from error
    if device.type not in {"cpu", "cuda"}:
        message = f"torch_device={str(name)!r} is neither a processor nor a GPU of CUDA"
        raise InvalidInput(message, hint='networks have kernels for "cpu" and "cuda"')
    if device.type == "cuda":
        _check_gpu(device)
    return device


def _check_gpu(device: torch.device) -> None:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not count:
        message = f"torch_device={str(device)!r}, but torch {torch.__version__} finds no GPU"
        hint = 'use "cpu", or install a torch built for CUDA on a machine with a driver'
        raise InvalidInput(message, hint=hint)
    if (device.index or 0) >= count:
        message = f"torch_device={str(device)!r}, but there are {count} GPUs"
        raise InvalidInput(message, hint="they are numbered from 0")
