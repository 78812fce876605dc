"""A small page about an object: a title, facts, pictures, shares and a table.

What cannot be told, such as the size of a closed store, is told as missing; the rest is shown. Text
is escaped here and nowhere else. Colours are those of the notebook around it, light or dark.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from eventstore.errors import SpikelakeError

Told = Callable[[], object]
"""Says a fact when it is asked; may fail."""

MOST_LETTERS = 300
"""Of a fact; the rest is left away."""

GREY = "rgba(127,127,127,.35)"

_BOX = (
    f"display:inline-block;max-width:760px;border:1px solid {GREY};border-radius:8px;"
    "padding:10px 14px;font:13px/1.5 system-ui,sans-serif;color:inherit;text-align:left"
)
_HEAD = "font-weight:600;font-size:14px;margin-bottom:4px"
_FACTS = "display:grid;grid-template-columns:max-content 1fr;gap:1px 14px"
_NAME = "opacity:.65"
_VALUE = "overflow-wrap:anywhere"
_PICTURES = "display:flex;flex-wrap:wrap;gap:8px;margin-top:8px"
_PICTURE = (
    f"border:1px solid {GREY};border-radius:4px;background:#fff;image-rendering:pixelated;"
    "min-width:68px;max-width:160px"
)
_CAPTION = (
    "font-size:11px;opacity:.65;max-width:160px;overflow:hidden;text-overflow:ellipsis;"
    "white-space:nowrap"
)
_TABLE = "color:inherit;border-collapse:collapse;margin:8px 0 0;background:none;font-size:12px"
_CELL = f"padding:1px 12px 1px 0;text-align:{{}};border:0;border-bottom:1px solid {GREY}"
_ROW = "background:none"
_BAR = (
    f"display:flex;height:12px;border-radius:3px;overflow:hidden;background:{GREY};margin:8px 0 2px"
)
_MISSING = "opacity:.75;font-style:italic"

SHARE_COLOURS = ("#2563eb", "#ea580c", "#2a8a5c", "#9333ea", "#8a6d1a")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture with words below it.

    Args:
        png: the bytes of the file.
        caption: the words.
    """

    png: bytes
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What a page tells.

    Args:
        kind: what the object is.
        title: which one.
        facts: names, and what says them; a fact of None or without a letter is left out.
        pictures: gives pictures.
        shares: names and sizes of parts of a bar.
        columns: names of the columns of a table, the first of words, the others of numbers.
        rows: gives its rows.
    """

    kind: str
    title: Told
    facts: Sequence[tuple[str, Told]]
    pictures: Callable[[], Iterable[Picture]] | None = None
    shares: Sequence[tuple[str, float]] = ()
    columns: tuple[str, ...] = ()
    rows: Callable[[], Iterable[Sequence[object]]] | None = None


def panel_html(panel: Panel) -> str:
    """Return the page; never fails.

    Examples:
        >>> page = panel_html(
        ...     Panel(kind="Dataset", title=lambda: "<b>", facts=[("events", lambda: "1,000")])
        ... )
        >>> "&lt;b&gt;" in page, "1,000" in page
        (True, True)
    """
    title = _say(panel.title)
    head = f'<span style="{_NAME}">{escape(panel.kind)}</span> {title}'
    parts = [f'<div style="{_HEAD}">{head}</div>', _facts(panel.facts)]
    if panel.shares:
        parts.append(_shares(panel.shares))
    if panel.rows is not None:
        parts.append(_attempt(lambda: _table(panel)))
    if panel.pictures is not None:
        parts.append(_attempt(lambda: _pictures(panel)))
    return f'<div style="{_BOX}">{"".join(parts)}</div>'


def _facts(facts: Sequence[tuple[str, Told]]) -> str:
    cells = []
    for name, told in facts:
        said = _say(told)
        if said:
            cells.append(
                f'<div style="{_NAME}">{escape(name)}</div><div style="{_VALUE}">{said}</div>'
            )
    return f'<div style="{_FACTS}">{"".join(cells)}</div>'


def _say(told: Told) -> str:
    """Return a fact, escaped; or why it cannot be told."""

    def said() -> str:
        value = told()
        text = "" if value is None else str(value)
        return escape(text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…")

    return _attempt(said)


def _attempt(made: Callable[[], str]) -> str:
    """Return a piece of the page, or why it cannot be made: a notebook shows what it can."""
    try:
        return made()
    except SpikelakeError as error:
        said = f"{error.message} ({error.hint})" if error.hint else error.message
    except Exception as error:  # whatever a closed or damaged store raises, the rest is shown
        said = f"cannot be read: {str(error) or type(error).__name__}"
    return f'<span style="{_MISSING}">{escape(said[:MOST_LETTERS])}</span>'


def _shares(shares: Sequence[tuple[str, float]]) -> str:
    total = sum(size for _, size in shares) or 1.0
    bars, words = [], []
    for i, (name, size) in enumerate(shares):
        colour = SHARE_COLOURS[i % len(SHARE_COLOURS)]
        share = 100 * size / total
        bars.append(f'<div style="width:{share:.2f}%;background:{colour}"></div>')
        dot = f'<span style="color:{colour}">■</span>'
        words.append(f'<span style="margin-right:14px">{dot} {escape(name)} {share:.1f} %</span>')
    return f'<div style="{_BAR}">{"".join(bars)}</div><div>{"".join(words)}</div>'


def _table(panel: Panel) -> str:
    rows = [panel.columns, *(panel.rows() if panel.rows is not None else ())]
    if len(rows) == 1:
        return ""
    lines = []
    for at, row in enumerate(rows):
        kind = "td" if at else "th"
        cells = (
            f'<{kind} style="{_CELL.format("right" if i else "left")}">'
            f"{escape(str(cell)[:MOST_LETTERS])}</{kind}>"
            for i, cell in enumerate(row)
        )
        lines.append(f'<tr style="{_ROW}">{"".join(cells)}</tr>')
    return f'<table style="{_TABLE}">{"".join(lines)}</table>'


def _pictures(panel: Panel) -> str:
    shown = []
    for picture in panel.pictures() if panel.pictures is not None else ():
        data = b64encode(picture.png).decode()
        caption = escape(picture.caption[:MOST_LETTERS])
        shown.append(
            f'<div><img alt="{caption}" style="{_PICTURE}" src="data:image/png;base64,{data}">'
            f'<div style="{_CAPTION}" title="{caption}">{caption}</div></div>'
        )
    return f'<div style="{_PICTURES}">{"".join(shown)}</div>' if shown else ""
