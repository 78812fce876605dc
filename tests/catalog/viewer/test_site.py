"""Sites: files alone, looked at through any web server."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.labels.editing import edit_labels
from catalog.labels.errata import Patch, Span
from catalog.viewer.shown import Shown
from catalog.viewer.site import site_recordings, write_site
from catalog.viewer.site_recordings import SiteOptions
from eventstore.errors import AlreadyExists, NotFound
from tests.catalog.viewer.asking import Asker
from tests.catalog.viewer.browser import Tab, browser

FEW = SiteOptions(frames=4)


def test_a_site_is_there_whole_or_not_at_all(
    viewed: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int, int]] = []
    report = write_site(viewed.shown, tmp_path / "a", FEW, told=lambda *n: told.append(n))
    assert report.n_recordings == 15
    files = [p for p in (tmp_path / "a").rglob("*") if p.is_file()]
    assert (len(files), sum(p.stat().st_size for p in files)) == report[1:]
    assert [n[:2] for n in told] == [(k, 15) for k in range(1, 16)]
    with pytest.raises(AlreadyExists, match="is there already"):
        write_site(viewed.shown, tmp_path / "a", FEW)

    def fails(*_: object) -> Any:
        message = "disc full"
        raise OSError(message)

    monkeypatch.setattr("catalog.viewer.site.recording_files", fails)
    with pytest.raises(OSError, match="disc full"):
        write_site(viewed.shown, tmp_path / "b", FEW)
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_only_the_recordings_asked_for(viewed: Asker, tmp_path: Path) -> None:
    options = SiteOptions(frames=1, where="fold == 'test'")
    assert len(site_recordings(viewed.shown, tmp_path / "a", options)) == 6
    assert write_site(viewed.shown, tmp_path / "a", options).n_recordings == 6
    listed = json.loads((tmp_path / "a/data/recordings.json").read_text())
    assert len(listed["rows"]) == 6
    with pytest.raises(NotFound, match="no recording of animals"):
        site_recordings(viewed.shown, tmp_path / "b", SiteOptions(where="fold == 'x'"))


def test_pages_forbid_all_but_their_own_files(viewed: Asker, tmp_path: Path) -> None:
    write_site(viewed.shown, tmp_path / "a", SiteOptions(frames=1, where="fold == 'test'"))
    for page in (tmp_path / "a").glob("*.html"):
        text = page.read_text()
        assert "default-src 'none'" in text
        assert 'href="findings.html"' in text or page.name == "findings.html"
    assert not [p for p in (tmp_path / "a").rglob("*") if "cat" in p.name or "owl" in p.name]


def test_a_site_is_looked_at_like_the_viewer(
    animals: Dataset, tmp_path: Path, any_server: str
) -> None:
    owl = Patch(recording_id="test/cat/000", before=None, after=Span(1, 9, "owl"), reason="an owl")
    edit_labels(animals, [owl], author="Ann")
    write_site(Shown(animals), tmp_path / "site", FEW)
    url = f"{any_server}/site"
    with browser() as opened:
        tab = Tab(opened, viewport={"width": 1200, "height": 900})
        page = tab.page
        page.goto(f"{url}/index.html")
        page.wait_for_selector("tbody tr:nth-child(1) img")
        page.get_by_label("Name contains").fill("cat")
        page.keyboard.press("Enter")
        tab.until("document.querySelectorAll('tbody tr').length === 5")
        page.get_by_role("button", name="events", exact=True).click()
        page.wait_for_selector("th[aria-sort=descending]")
        page.get_by_role("link", name="test/cat/000").click()
        page.wait_for_selector("body[data-ready][data-t]")
        assert page.locator(".interval").count() == 2
        assert "events" in page.inner_text("#readout")
        page.get_by_role("button", name="Loop").click()
        page.get_by_label("Speed").select_option("0.01")
        page.get_by_role("button", name="Play").click()
        tab.until("Number(document.body.dataset.drawn) > 2")
        page.get_by_role("link", name="Lineage").click()
        page.get_by_text("an owl").wait_for()
        page.get_by_role("link", name="Splits").click()
        page.wait_for_selector("body[data-ready='official/label']")
        page.get_by_role("link", name="Versions").click()
        page.wait_for_selector("body[data-ready='1.0.0/draft']")
        page.get_by_role("link", name="Findings").click()
        page.wait_for_selector("body[data-ready]")
        assert tab.errors == []
