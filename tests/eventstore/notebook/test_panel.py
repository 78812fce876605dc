"""Small pages about objects."""

from base64 import b64encode
from html.parser import HTMLParser

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import MissingContent
from eventstore.notebook.panel import MOST_LETTERS, Panel, Picture, panel_html
from eventstore.png import write_png

PNG = write_png(np.zeros((1, 1), np.uint8), [(0, 0, 0, 0)])

TAGS = {"div", "span", "table", "tr", "td", "th", "img"}

ATTRIBUTES = {"style", "title", "alt", "src"}


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str | None]] = []
        self.tags: set[str] = set()
        self.text = ""
        self.open = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self.open += tag != "img"

    def handle_endtag(self, _tag: str) -> None:
        self.open -= 1

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["<script>x()</script>", '" onload="x()', "'><img src=x onerror=x()>", "</div>"]
    ),
)


@given(HOSTILE, HOSTILE)
def test_no_text_becomes_a_tag_or_an_attribute(one: str, other: str) -> None:
    page = Page(
        panel_html(
            Panel(
                kind="Dataset",
                title=lambda: one,
                facts=[(other, lambda: one)],
                pictures=lambda: [Picture(png=PNG, caption=one)],
                shares=[(one, 1.0)],
                columns=("class", one),
                rows=lambda: [(other, 3)],
            )
        )
    )
    assert page.tags <= TAGS
    assert {name for name, _ in page.attributes} <= ATTRIBUTES
    assert dict(page.attributes)["src"] == f"data:image/png;base64,{b64encode(PNG).decode()}"
    assert page.open == 0


def test_what_fails_is_told_and_the_rest_shown() -> None:
    def absent() -> object:
        message = "the shard is not here <now>"
        raise MissingContent(message, hint="spikelake dataset get nm")

    def broken() -> object:
        raise KeyError

    page = Page(
        panel_html(
            Panel(
                kind="EventStore",
                title=broken,
                facts=[("digest", absent), ("events", lambda: "7"), ("none", lambda: None)],
                pictures=absent,  # type: ignore[arg-type]
                rows=broken,  # type: ignore[arg-type]
            )
        )
    )
    assert page.text.count("cannot be read: KeyError") == 2
    assert page.text.count("the shard is not here <now> (spikelake dataset get nm)") == 2
    assert "events7" in page.text
    assert "none" not in page.text


def test_long_text_is_cut() -> None:
    page = Page(panel_html(Panel(kind="", title=lambda: "x" * 9_999, facts=[])))
    assert page.text.strip() == "x" * (MOST_LETTERS - 1) + "…"
