"""The pages, scripts and styles of the viewer: a fixed table, read from the package."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

PAGES = {
    "/": "grid.html",
    "/findings": "findings.html",
    "/lineage": "lineage.html",
    "/player": "player.html",
    "/runs": "runs.html",
    "/splits": "splits.html",
    "/versions": "versions.html",
}
"""Which file each page is; none of them holds anything of a dataset."""

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

ASSETS = (
    "api.js",
    "corrections.js",
    "editing.js",
    "findings.js",
    "frames.js",
    "grid.js",
    "icon.svg",
    "lineage.js",
    "player.js",
    "runs.js",
    "site.js",
    "splits.js",
    "style.css",
    "timeline.js",
    "versions.js",
)
"""Files that pages load, under ``/static/``."""


class StaticFile(NamedTuple):
    """A file that is sent as it is."""

    content: bytes
    media_type: str


@cache
def static_files() -> dict[str, StaticFile]:
    """Return every file of the viewer by the address that it has.

    Examples:
        >>> static_files()["/"].media_type
        'text/html; charset=utf-8'
    """
    names = {**PAGES, **{f"/static/{name}": name for name in ASSETS}}
    folder = files("catalog.viewer") / "static"
    return {
        address: StaticFile((folder / name).read_bytes(), _KINDS[name[name.rindex(".") :]])
        for address, name in names.items()
    }
