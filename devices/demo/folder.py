"""The demo's output folder: made anew by each run, and never anybody else's."""

import json
import os
import shutil
import stat
from pathlib import Path

from eventstore.errors import AlreadyExists

MARKER = "demo.json"
"""A folder that holds this file was made by the demo and may be made anew."""


def prepare_folder(out: Path) -> None:
    """Make an empty folder for a demo run, replacing one that an earlier run made.

    Raises:
        AlreadyExists: the folder holds something that is not the demo's.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not (out / MARKER).is_file():
            message = f"{out} is there already, and the demo did not make it"
            raise AlreadyExists(message, hint="choose another folder with --out")
        _remove(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).write_text(json.dumps({"made_by": "spikelake demo"}) + "\n", encoding="utf-8")


def stored_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder, those behind annex links included."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _remove(folder: Path) -> None:
    """Remove a folder; git-annex takes the write permission from its objects' folders."""
    for place, _, _ in os.walk(folder):
        path = Path(place)
        path.chmod(path.stat().st_mode | stat.S_IRWXU)
    shutil.rmtree(folder)
