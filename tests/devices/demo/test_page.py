import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from devices.demo.facts import DemoFacts
from devices.demo.page import report_page

MakeFacts = Callable[..., DemoFacts]


class Outline(HTMLParser):
    """Collects what the checks below look at."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.images_without_alt = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "img":
            self.images_without_alt += not named.get("alt")
        self.sources += [v or "" for k, v in attrs if k in {"src", "href", "xlink:href"}]


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    return parser


def test_the_page_loads_nothing_and_names_its_pictures(make_facts: MakeFacts) -> None:
    found = outline(report_page(make_facts()))
    assert [s for s in found.sources if not s.startswith(("data:image/png;base64,", "#"))] == []
    assert found.images_without_alt == 0


def test_the_page_says_when_the_recordings_are_simulated(make_facts: MakeFacts) -> None:
    assert "are <b>simulated</b>" in report_page(make_facts())
    assert "<b>simulated</b>" not in report_page(make_facts(simulated=False))


def test_text_from_data_is_escaped(make_facts: MakeFacts) -> None:
    page = report_page(make_facts(hostile="<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "a &lt; b" in page


def test_the_headline_shows_the_means_over_seeds(make_facts: MakeFacts) -> None:
    page = report_page(make_facts())
    assert "<b>96.0 %</b><span>test accuracy, float</span>" in page
    assert "<b>95.0 %</b><span>on the simulated chip</span>" in page
    assert "<b>1.0</b><span>points lost to the chip</span>" in page
    assert "93.0 % are right" in page


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_the_page_renders_without_errors_or_overflow(
    browser: Any, tmp_path: Path, make_facts: MakeFacts
) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_page(make_facts()), encoding="utf-8")
    for width in (360, 1280):
        page = browser.new_page(viewport={"width": width, "height": 900})
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(path.as_uri())
        assert said == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        drawn = "[...document.images].every(i => i.complete && i.naturalWidth > 0)"
        assert page.evaluate(drawn)
        page.close()
