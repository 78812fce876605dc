"""The pages, scripts and styles of the viewer: a fixed table, read from the package."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Page(NamedTuple):
    """What differs between the frames of pages.

    Args:
        name: of its content and of its script.
        title: what a browser's tab calls it.
        answer: the address below ``api/`` that tells the same in JSON.
    """

    name: str
    title: str
    answer: str


PAGES = {
    "/": Page("grid", "Recordings", "recordings"),
    "/findings": Page("findings", "Findings", "findings"),
    "/lineage": Page("lineage", "Lineage", "lineage"),
    "/player": Page("player", "Recording", "recording"),
    "/runs": Page("runs", "Runs", "runs"),
    "/splits": Page("splits", "Splits", "splits"),
    "/versions": Page("versions", "Versions", "versions"),
}
"""Which page is where; none of them holds anything of a dataset."""

LINKS = ("/", "/findings", "/splits", "/versions", "/runs")
"""Pages that every page leads to."""

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
    "sound.js",
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
    names = {address: f"{page.name}.html" for address, page in PAGES.items()}
    names |= {f"/static/{name}": name for name in ASSETS}
    folder = files("catalog.viewer") / "static"
    frame = (folder / "frame.html").read_text(encoding="utf-8")
    found = {}
    for address, name in names.items():
        content = (folder / name).read_bytes()
        if address in PAGES:
            content = framed(frame, address, content.decode()).encode()
        found[address] = StaticFile(content, _KINDS[name[name.rindex(".") :]])
    return found


def framed(frame: str, address: str, main: str) -> str:
    """Return a page: its content in the frame that all have, which marks where one is.

    Args:
        frame: the frame, with the names of what differs in braces.
        address: the page's address.
        main: its content.

    Examples:
        >>> framed("<title>{title}</title>{main}", "/runs", "<main></main>")
        '<title>Runs</title><main></main>'
    """
    page = PAGES[address]
    links = "\n".join(_link(to, is_here=to == address) for to in LINKS)
    parts = {"title": page.title, "answer": page.answer, "script": page.name, "links": links}
    for name, text in {**parts, "main": main.rstrip()}.items():
        frame = frame.replace(f"{{{name}}}", text)
    return frame


def _link(to: str, *, is_here: bool) -> str:
    href = "./" if to == "/" else to.lstrip("/")
    here = ' aria-current="page"' if is_here else ""
    return f'    <a href="{href}"{here}>{PAGES[to].title}</a>'
