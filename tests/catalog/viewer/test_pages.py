"""Pages in a headless browser: driven by mouse and by keys alone, without an error."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.labels.editing import edit_labels
from catalog.labels.errata import Patch, Span
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
    page.get_by_role("button", name="Loop").press("Enter")  # it lasts a tenth of a second
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


def test_findings_splits_versions_and_lineage_lead_to_each_other(opened: Any, url: str) -> None:
    tab = Tab(opened, viewport={"width": 1280, "height": 900})
    page = tab.page
    page.goto(url)
    page.get_by_role("link", name="Findings").press("Enter")
    page.wait_for_selector("body[data-ready]")
    page.get_by_label("Check").select_option("few-events")
    assert page.locator("tbody tr").count() == 15
    assert tab.nameless() == []
    page.get_by_role("link", name="test/cat/000").press("Enter")
    page.wait_for_selector("body[data-ready][data-t]")
    page.get_by_role("link", name="Lineage").press("Enter")
    page.get_by_text("test/cat/000.bin").wait_for()
    assert tab.nameless() == []
    page.get_by_role("link", name="Splits").press("Enter")
    page.wait_for_selector("body[data-ready='official/label']")
    page.get_by_label("Rows").select_option("fold")
    page.wait_for_selector("body[data-ready='official/fold']")
    assert page.locator("tbody tr").count() == 2
    assert "near-duplicates not sought" in page.inner_text("#badges")
    assert tab.nameless() == []
    page.get_by_role("link", name="Versions").press("Enter")
    page.get_by_text("One version alone.").wait_for()
    assert tab.nameless() == []
    page.get_by_role("link", name="Runs").press("Enter")
    page.get_by_text("No folder of runs was named").wait_for()
    assert tab.nameless() == []
    assert tab.errors == []
    page.close()


@pytest.fixture
def editable(animals: Dataset) -> Iterator[tuple[Dataset, str]]:
    with Server(Shown(animals), Address(port=0, edit=True)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        yield animals, server.opened.url
        server.stop()
        thread.join()


def labels_of(dataset: Dataset, name: str) -> list[tuple[int, int, str]]:
    return sorted(x[1:4] for x in dataset.draft().labels().values() if x.recording_id == name)


def test_labels_are_corrected_by_drag_and_keys_and_saved(  # noqa: PLR0915 - one story
    opened: Any, editable: tuple[Dataset, str]
) -> None:
    dataset, url = editable
    tab = Tab(opened, viewport={"width": 1280, "height": 1000})
    page, name = tab.page, "train/owl/002"
    page.goto(player(url, name))
    page.wait_for_selector("body[data-ready][data-t]")
    page.get_by_role("combobox", name="Class", exact=True).fill("cat")
    page.get_by_role("button", name="Add", exact=True).click()
    added = page.locator(".interval.chosen")
    assert added.get_attribute("aria-label").startswith("cat: 0 µs to 100 µs")
    box = added.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 300, box["y"] + 8, steps=4)
    page.mouse.up()
    moved = int(page.get_by_label("Start").input_value())
    assert 200 < moved < 500
    page.locator(".interval.chosen").press("ArrowRight")
    assert int(page.get_by_label("Start").input_value()) == moved + 10
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert "Revision 0, 1 unsaved edit" in page.inner_text("#editState")
    page.keyboard.press("Control+y")
    page.get_by_role("button", name="Save edits").click()
    page.get_by_text("Say why").wait_for()
    page.get_by_label("Reason").fill("a cat passes")
    page.keyboard.press("Enter")
    page.get_by_text("Saved as revision 1").wait_for()
    assert (moved, moved + 100, "cat") in labels_of(dataset, name)
    assert dataset.draft().errata()[0].reason == "a cat passes"
    page.get_by_label("What changed").fill("a cat more")
    page.get_by_role("button", name="Save a version").click()
    page.get_by_text("Saved as version 1.1.0").wait_for()
    found = [str(c) for c in dataset.diff("1.0.0", "1.1.0").changes if c.what == "label"]
    assert found == [f"label {name}#{moved}-{moved + 100} of class added: – → cat"]
    page.get_by_role("button", name="Undo").click()
    assert "1 unsaved edit" in page.inner_text("#editState")
    page.on("dialog", lambda dialog: dialog.accept())  # it asks whether to leave the edit
    page.get_by_role("link", name="Versions").click()
    page.wait_for_selector("body[data-ready='1.1.0/draft']")
    page.get_by_label("From").select_option("1.0.0")
    page.get_by_label("To").select_option("1.1.0")
    page.wait_for_selector("body[data-ready='1.0.0/1.1.0']")
    assert f"{name}#{moved}-{moved + 100}" in page.inner_text("#changes")
    assert tab.nameless() == []
    assert tab.errors == []
    page.close()


def test_an_edit_that_comes_second_stays_on_the_page(
    opened: Any, editable: tuple[Dataset, str]
) -> None:
    dataset, url = editable
    tab = Tab(opened, viewport={"width": 1280, "height": 1000})
    page, name = tab.page, "train/owl/002"
    page.goto(player(url, name))
    page.wait_for_selector("body[data-ready][data-t]")
    page.get_by_role("combobox", name="Class", exact=True).fill("cat")
    page.get_by_role("button", name="Add", exact=True).click()
    dog = Patch(recording_id=name, before=None, after=Span(500, 600, "dog"), reason="heard")
    edit_labels(dataset, [dog], author="Ann")
    page.get_by_label("Reason").fill("seen")
    page.keyboard.press("Enter")
    page.get_by_text("were changed meanwhile").wait_for()
    assert "1 unsaved edit" in page.inner_text("#editState")
    assert (0, 100, "cat") not in labels_of(dataset, name)
    page.get_by_role("button", name="Load theirs, put mine on top").click()
    page.get_by_text("Your edits are on top of theirs").wait_for()
    page.get_by_role("button", name="Save edits").click()
    page.get_by_text("Saved as revision 2").wait_for()
    assert {(0, 100, "cat"), (500, 600, "dog")} <= set(labels_of(dataset, name))
    assert [e for e in tab.errors if "412" not in e] == []
    page.close()


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


@pytest.mark.slow
def test_a_grid_of_ten_thousand_recordings_paints_within_a_second(
    opened: Any, many_viewed: Asker
) -> None:
    with Server(many_viewed.shown, Address(port=0)) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        tab, times = Tab(opened, viewport={"width": 1280, "height": 900}), []
        for _ in range(4):
            tab.page.goto("about:blank")
            tab.page.goto(server.opened.url)
            tab.page.wait_for_selector("body[data-painted]")
            assert tab.page.locator("tbody tr").count() == 48
            times.append(tab.page.evaluate(PAINTED))
        tab.page.close()
        server.stop()
        thread.join()
    assert min(times) < 1_000, times


PAINTED = "Number(document.body.dataset.painted)"  # ms since the page was asked for


PLAYED = """async () => {
  const drawn = () => Number(document.body.dataset.drawn);
  const [from, begin] = [drawn(), performance.now()];
  await new Promise((done) => setTimeout(done, 4000));
  return (drawn() - from) / (performance.now() - begin) * 1000;
}"""


CORRECTIONS = """async () => {
  const { Corrections } = await import("/static/corrections.js");
  let seed = 7;
  const draw = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const text = (made) => JSON.stringify(made.intervals);
  for (let round = 0; round < 300; round++) {
    const base = [{ start_us: 0, stop_us: 9, label: "a" }, { start_us: 3, stop_us: 5, label: "b" }];
    const made = new Corrections(base);
    const seen = [text(made)];
    for (let k = 0; k < draw(12); k++) {
      const here = made.intervals;
      const before = draw(3) ? here[draw(here.length || 1)] || null : null;
      const [start_us, label] = [draw(6), "abc"[draw(3)]];
      const after = draw(4) ? { start_us, stop_us: start_us + 1 + draw(4), label } : null;
      if (!before && !after) continue;
      if (!made.change(before, after)) seen.push(text(made));
    }
    const last = text(made);
    const again = new Corrections(base);
    for (const { before, after } of made.compact) {
      if (again.refusal(before, after)) return ["compact steps do not fit", round];
      again.change(before, after);
    }
    if (text(again) !== last) return ["compact steps lead elsewhere", round];
    const lost = made.rebase(base);
    if (lost.length || text(made) !== last) return ["lost on the same base", round];
    for (const one of seen.slice(0, -1).reverse()) {
      made.undo();
      if (text(made) !== one) return ["undo leads elsewhere", round];
    }
    while (made.undone.length) made.redo();
    if (text(made) !== last) return ["redo leads elsewhere", round];
    const after = made.intervals;
    made.settle(after);
    while (made.saved.length) if (made.undo()) return ["undo of what was saved is refused", round];
    if (text(made) !== seen[0]) return ["undo of what was saved leads elsewhere", round];
    while (made.undone.length) made.redo();
    if (text(made) !== last) return ["redo of what was saved leads elsewhere", round];
  }
  return "held";
}"""


def test_corrections_are_undone_redone_and_saved_as_they_were_made(opened: Any, url: str) -> None:
    tab = Tab(opened)
    tab.page.goto(url)
    assert tab.page.evaluate(CORRECTIONS) == "held"
    tab.page.close()
