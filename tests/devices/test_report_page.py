"""A report as a page."""

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from devices.fidelity import Report
from devices.report_page import report_page

VOID = {"meta", "line", "rect", "polyline", "circle", "br"}


class Nesting(HTMLParser):
    """Fails where tags do not close in the order in which they open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave tags that close themselves alone."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page_of(report: Report) -> str:
    page = report_page(report, title="run <1>", about="on a & b")
    nesting = Nesting()
    nesting.feed(page)
    assert nesting.open == []
    return page


def test_a_page_shows_what_the_report_says(timed_report: Report) -> None:
    page = page_of(timed_report)
    assert "run &lt;1&gt; on speck2f" in page
    assert "on a &amp; b" in page
    for layer in timed_report.layers:
        assert f"{layer.synops:,.0f}" in page
        assert f"{layer.use.kernel_words:,} of {layer.use.kernel_capacity:,}" in page
    assert timed_report.event_accuracy is not None
    assert f"{100 * timed_report.event_accuracy:.1f} %" in page
    worst = timed_report.worst_layer
    assert worst is not None
    assert f"{worst.name} ◀" in page
    assert "Nature Communications 15:4464" in page
    assert "1.5 pJ, given by the user" in page
    assert page.count("<svg") == 3


def test_a_page_loads_nothing(timed_report: Report) -> None:
    assert re.findall(r"(?:src|href)=|url\(|@import|<script|https?://", page_of(timed_report)) == []


def test_energy_that_nobody_knows_is_not_made_up(timed_report: Report) -> None:
    assert timed_report.power is not None
    power = replace(
        timed_report.power,
        pj_per_synop=None,
        dynamic_mw=None,
        total_mw=None,
        dynamic_uj_per_sample=None,
    )
    page = page_of(replace(timed_report, power=power))
    assert "not known" in page
    assert "µJ" not in page


def test_what_does_not_fit_has_findings_and_no_layers() -> None:
    report = Report(chip="speck2f", fits=False, n_samples=4, float_accuracy=0.5)
    page = page_of(report)
    assert "does not fit speck2f" in page
    assert "<svg" in page
    assert "Cores and memory" not in page


def test_the_page_renders_light_and_dark_without_errors_or_overflow(
    timed_report: Report, tmp_path: Path
) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "report.html"
    path.write_text(report_page(timed_report, title="a" * 80, about="b" * 80), encoding="utf-8")
    grounds = set()
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for width, scheme in ((360, "light"), (1280, "dark")):
            shown = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
            page = browser.new_page(**shown)
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda message, asked=asked: asked.append(message.text))
            page.on("pageerror", lambda error, asked=asked: asked.append(str(error)))
            page.goto(path.as_uri())
            assert asked == [path.as_uri()]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        browser.close()
    assert len(grounds) == 2
