"""Pages in a headless browser: driven by mouse and by keys alone, without an error."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.viewer.serving import Address, Server
from catalog.viewer.shown import Shown
from tests.catalog.viewer.asking import Asker
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
    tab.until("document.querySelectorAll('tbody tr').length === 5")
    page.get_by_label("Where").fill("n_event > 3")
    page.keyboard.press("Enter")
    page.get_by_text("did you mean 'n_events'?").wait_for()
    page.go_back()
    tab.until("!document.getElementById('notice').textContent")
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


def player(url: str, recording: str) -> str:
    base, _, token = url.partition("#")
    return f"{base}player?recording={recording}#{token}"


def test_a_recording_is_played_by_keys_alone(opened: Any, url: str) -> None:
    tab = Tab(opened, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = tab.page
    page.goto(url)
    page.get_by_role("link", name="test/cat/000").press("Enter")
    page.wait_for_selector("body[data-ready][data-t]")
    assert page.inner_text("h1") == "test/cat/000"
    assert "events" in page.inner_text("#readout")
    page.keyboard.press("End")
    tab.until("Number(document.body.dataset.t) > 0")
    page.keyboard.press("Home")
    tab.until("document.body.dataset.t === '0'")
    page.keyboard.press("ArrowRight")
    tab.until("Number(document.body.dataset.t) > 0")
    page.keyboard.press("h")
    tab.until("Number(document.getElementById('overlay').dataset.found) > 0")
    page.get_by_role("group", name="Label intervals").get_by_role("button").press("Enter")
    tab.until("document.body.dataset.t === '0'")
    page.get_by_label("View").select_option("raster")
    tab.until("document.getElementById('picture').width === 900")
    page.get_by_label("View").select_option("frames")
    page.get_by_label("Speed").select_option("0.01")
    page.get_by_role("button", name="Play").press("Enter")
    tab.until("Number(document.body.dataset.drawn) > 3")
    page.get_by_role("link", name="Recording after").press("Enter")
    tab.until("document.title.startsWith('test/')")
    assert tab.nameless() == []
    assert tab.errors == []
    page.close()


def test_a_recording_that_is_not_there_is_told(opened: Any, url: str) -> None:
    tab = Tab(opened)
    tab.page.goto(player(url, "..%2F..%2Fetc%2Fpasswd"))
    tab.page.get_by_text("no recording '../../etc/passwd'").wait_for()
    tab.page.close()


@pytest.mark.slow
def test_a_million_events_a_second_play_at_thirty_pictures(opened: Any, long_viewed: Asker) -> None:
    with Server(long_viewed.shown, Address(port=0)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        tab = Tab(opened, viewport={"width": 1280, "height": 900})
        tab.page.goto(player(server.opened.url, "long"))
        tab.page.wait_for_selector("body[data-ready]")
        tab.page.keyboard.press(" ")
        tab.until("Number(document.body.dataset.drawn) > 10")
        shown = tab.page.evaluate(PLAYED)
        tab.page.close()
        server.stop()
        thread.join()
    assert shown >= 30, shown


PLAYED = """async () => {
  const drawn = () => Number(document.body.dataset.drawn);
  const [from, begin] = [drawn(), performance.now()];
  await new Promise((done) => setTimeout(done, 4000));
  return (drawn() - from) / (performance.now() - begin) * 1000;
}"""
