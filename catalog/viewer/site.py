"""Write what the viewer shows as files, for any web server that sends files as they are.

::

    index.html player.html …    the viewer's pages, told that they are a site
    static/                     its scripts and styles
    data/recordings.json        every recording with its columns; the first's files are number 0
    data/overview.json          findings, splits, versions, and what changed from each to the next
    data/r/000000.json          facts, labels, rate, hot pixels and lineage of a recording
    data/r/000000.png           its picture
    data/r/000000.wav         the sound that it was made from, where asked for and kept
    data/r/000000.frames        pictures for the player, or a raster of sound; gzip
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from catalog.viewer.finding_list import finding_list
from catalog.viewer.grid import GridQuery, grid_page
from catalog.viewer.guard import POLICY
from catalog.viewer.history import version_diff, version_list
from catalog.viewer.run_list import run_list
from catalog.viewer.shown import Shown
from catalog.viewer.site_recordings import SiteOptions, json_bytes, recording_files
from catalog.viewer.split_matrix import split_list, split_matrix
from catalog.viewer.static_files import LINKS, PAGES, static_files
from eventstore.errors import AlreadyExists, NotFound

MOST_DIFFS = 20
"""Latest versions that are compared with the one before each."""

Told = Callable[[int, int, int], None]
"""Told (recordings written, of how many, bytes of files)."""


class SiteReport(NamedTuple):
    """What was written."""

    n_recordings: int
    n_files: int
    n_bytes: int


def write_site(
    shown: Shown, folder: Path, options: SiteOptions, *, told: Told | None = None
) -> SiteReport:
    """Write a site; it is there as a whole or not at all.

    Args:
        shown: the dataset.
        folder: where; it must not be there yet.
        options: what of the events goes into it.
        told: told (recordings written, of how many, bytes of files).

    Raises:
        AlreadyExists: something is there.
        NotFound: there is no recording to show.
        MissingContent: events are not on this machine.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> folder = Path(mkdtemp()) / "site"
        >>> write_site(Shown(tiny_dataset()), folder, SiteOptions(frames=2)).n_recordings
        6
        >>> (folder / "index.html").is_file(), (folder / "data/r/000005.png").is_file()
        (True, True)
    """
    names = site_recordings(shown, folder, options)
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        n_files = n_bytes = n_done = 0
        for path, content in _files(shown, names, options):
            file = making / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            n_files, n_bytes = n_files + 1, n_bytes + len(content)
            n_done += path.endswith(".png")
            if told is not None and path.endswith(".png"):
                told(n_done, len(names), n_bytes)
        making.chmod(0o755)
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return SiteReport(len(names), n_files, n_bytes)


def site_recordings(shown: Shown, folder: Path, options: SiteOptions) -> list[str]:
    """Return the recordings that a site would have, checking all that can be checked before.

    Raises:
        AlreadyExists: something is at the folder.
        NotFound: there is no recording to show.
        InvalidInput: the expression cannot be read.
    """
    if folder.exists():
        message = f"{folder} is there already"
        raise AlreadyExists(message, hint="name another folder, or remove it")
    state = shown.state()
    query = GridQuery(where=options.where, per_page=max(len(state.ids), 1))
    rows = grid_page(state, query)["rows"]
    names = [row["recording_id"] for row in rows] if isinstance(rows, list) else []
    if not names:
        message = f"no recording of {state.version.reference} to show"
        raise NotFound(message, hint="leave --where out, or loosen it")
    return names


def _files(shown: Shown, names: list[str], options: SiteOptions) -> Iterator[tuple[str, bytes]]:
    for address, file in static_files().items():
        if address not in PAGES:
            yield address.lstrip("/"), file.content
    for address, page in PAGES.items():
        path = "index.html" if address == "/" else f"{page.name}.html"
        yield path, _page(static_files()[address].content)
    query = GridQuery(where=options.where, per_page=len(names))
    yield "data/recordings.json", json_bytes(grid_page(shown.state(), query))
    yield "data/overview.json", json_bytes(_overview(shown))
    for number in range(len(names)):
        yield from recording_files(shown, names, number, options)


def _page(content: bytes) -> bytes:
    """Tell a page that it is of a site, and which policy holds, as no server of ours does."""
    policy = POLICY.partition("; frame-ancestors")[0]
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="spikelake-site" content="1">\n'
    )
    text = content.decode().replace('<link rel="icon"', f'{head}<link rel="icon"', 1)
    for address in LINKS:
        if address != "/":
            text = text.replace(f'href="{address[1:]}"', f'href="{address[1:]}.html"')
    return text.encode()


def _overview(shown: Shown) -> dict[str, object]:
    state = shown.state()
    listed, versions = split_list(state), version_list(shown)
    columns = listed["columns"]
    names = ["draft"] if shown.is_draft else []
    names += [one.version for one in reversed(shown.source.versions())]
    pairs = list(zip(names[1:], names, strict=False))[:MOST_DIFFS]
    return {
        "findings": finding_list(state),
        "runs": run_list(shown),
        "splits": listed,
        "split": {
            f"{name}/{by}": split_matrix(state, name, by)
            for name in state.version.splits
            for by in (columns if isinstance(columns, list) else ())
        },
        "versions": versions,
        "diff": {f"{old}/{new}": version_diff(shown, old, new) for old, new in pairs},
    }
