"""The door to the vendor's library: the only place that imports ``samna``.

And only when it is the vendor's compiled library: what the public package index has under that name
is a file of two kilobytes that runs pip when it is imported, and is refused unread.
"""

import importlib
import importlib.metadata
import importlib.util
from pathlib import Path
from typing import Any, TypeAlias

from eventstore.errors import MissingExtra, NotFound

Samna: TypeAlias = Any
"""The vendor's library, or what stands in for it."""

INSTALL = (
    "install samna from the vendor's own package index: "
    "https://synsense-sys-int.gitlab.io/samna/install.html"
)


def load_samna() -> Samna:
    """Import the vendor's library, if it is the library and not its stub.

    Raises:
        MissingExtra: it is not installed, or only the stub that would run pip.
    """
    spec = importlib.util.find_spec("samna")
    if spec is None or spec.origin is None:
        message = "samna, the vendor's library that talks to boards, is not installed"
        raise MissingExtra(message, hint=f"{INSTALL}; all but deploy works without it")
    check_compiled(Path(spec.origin))
    return importlib.import_module("samna")


def open_board(samna: Samna, board: str, chip: str) -> Samna:
    """Open the first board of a kind that is plugged in and free.

    Args:
        samna: the vendor's library.
        board: the vendor's name of the kind.
        chip: the chip that it is wanted for, for messages.

    Raises:
        NotFound: there is none; names those that are.
    """
    devices = samna.device.get_unopened_devices()
    kinds = [device.device_type_name for device in devices]
    for device, kind in zip(devices, kinds, strict=True):
        if kind == board:
            return samna.device.open_device(device)
    there = ", ".join(kinds) if kinds else "none"
    if not board:
        message = f"the vendor's name of a board with {chip} is not known (boards: {there})"
        raise NotFound(message, hint="upload by the vendor's own tools")
    message = f"no board {board} for {chip} is plugged in and free (boards: {there})"
    hint = "plug it in, close other programs that hold it, and let your user access USB devices"
    raise NotFound(message, hint=hint)


def check_compiled(origin: Path) -> None:
    """Refuse a package without compiled code: the stub, which would run pip when imported.

    Args:
        origin: the package's ``__init__.py``, which is not read.

    Raises:
        MissingExtra: it is the stub.
    """
    folder = origin.parent
    if any(path.suffix in {".so", ".pyd", ".dylib"} for path in folder.rglob("*")):
        return
    try:
        version = importlib.metadata.version("samna")
    except importlib.metadata.PackageNotFoundError:
        version = "of unknown version"
    size = origin.stat().st_size
    message = f"samna {version} in {folder} is a stub: {size:,} bytes of Python and no compiled "
    message += "code. It would run pip when imported, so it was not"
    raise MissingExtra(message, hint=f"pip uninstall samna, then {INSTALL}")
