"""Files that are sent as they are."""

import re
import tomllib
from pathlib import Path

from catalog.viewer.static_files import ASSETS, LINKS, PAGES, static_files

ROOT = Path(__file__).parents[3]


def test_every_file_of_the_folder_is_in_the_table_and_none_other() -> None:
    folder = ROOT / "catalog/viewer/static"
    contents = {f"{page.name}.html" for page in PAGES.values()} | {"frame.html"}
    on_disk = {path.name for path in folder.iterdir()}
    assert on_disk == contents | set(ASSETS)
    assert {a for a in static_files() if a not in PAGES} == {f"/static/{name}" for name in ASSETS}


def test_pages_have_one_frame_and_say_where_one_is() -> None:
    files = {address: static_files()[address].content.decode() for address in PAGES}
    assert not re.search(r"[{}]", "".join(files.values()))
    for address, text in files.items():
        marked = re.findall(r'<a href="([^"]+)" aria-current="page">', text)
        assert marked == ([address.lstrip("/") or "./"] if address in LINKS else [])
        assert text.count("<main") == text.count("<h1") == text.count("<header") == 1
    heads = {t[t.index("<header") : t.index("</header")] for t in files.values()}
    assert len({head.replace(' aria-current="page"', "") for head in heads}) == 1


def test_pages_load_nothing_from_elsewhere_and_hold_no_script_or_style() -> None:
    for address, file in static_files().items():
        text = file.content.decode()
        links = set(re.findall(r"https?://[^\s\"'<]+", text)) - {"http://www.w3.org/2000/svg"}
        assert links == set(), address
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(", text), address
        if address.endswith(".css"):
            assert not re.search(r"@import|url\(", text)
        if file.media_type.startswith("text/html"):
            assert not re.search(r"<style|style=|\son\w+=|<script(?! type=\"module\" src=)", text)
            for source in re.findall(r"(?:src|href)=\"(static/[^\"]+)\"", text):
                assert f"/{source}" in static_files()


def test_the_wheel_has_them() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    wheel = built["targets"]["wheel"]
    assert "catalog" in wheel["packages"]
    assert not {"include", "exclude", "only-include"} & {*wheel, *built}
