"""Pages in a headless browser: driven by mouse and by keys alone, without an error."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.viewer.serving import Address, Server
from catalog.viewer.shown import Shown
from tests.catalog.viewer.browser import Tab, browser


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    with browser() as one:
        yield one


@pytest.fixture(scope="module")
def url(template: Path) -> Iterator[str]:
    with Server(Shown(Dataset.open(template), "1.0.0"), Address(port=0)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        yield server.opened.url
        server.stop()
        thread.join()


def test_the_grid_is_sorted_and_narrowed(opened: Any, url: str) -> None:
    tab = Tab(opened, viewport={"width": 1280, "height": 800})
    page = tab.page
    page.goto(url)
    page.wait_for_selector("tbody tr:nth-child(1) img")
    assert "token" not in page.url
    assert page.inner_text("#count") == "15 of 15 recordings"
    page.get_by_role("button", name="events", exact=True).click()
    page.wait_for_selector("th[aria-sort=descending]")
    assert "sort=-n_events" in page.url
    page.get_by_label("Name contains").fill("cat")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('tbody tr').length === 5")
    page.get_by_label("Where").fill("n_event > 3")
    page.keyboard.press("Enter")
    page.get_by_text("did you mean 'n_events'?").wait_for()
    page.go_back()
    page.wait_for_function("!document.getElementById('notice').textContent")
    assert tab.nameless() == []
    assert [e for e in tab.errors if "404" not in e] == []
    page.close()


def test_the_grid_fits_a_narrow_dark_screen(opened: Any, url: str) -> None:
    tab = Tab(opened, viewport={"width": 360, "height": 700}, color_scheme="dark")
    tab.page.goto(url)
    tab.page.wait_for_selector("tbody tr")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 21, 28)"
    assert tab.errors == []
    tab.page.close()


def test_without_the_token_the_page_says_what_to_do(opened: Any, url: str) -> None:
    tab = Tab(opened)
    tab.page.goto(url.partition("#")[0] + "#token=wrong")
    tab.page.get_by_text("open the address that the server printed").wait_for()
    tab.page.close()
