"""Files that are sent as they are."""

import re
import tomllib
from pathlib import Path

from catalog.viewer.static_files import static_files

ROOT = Path(__file__).parents[3]


def test_every_file_of_the_folder_is_in_the_table_and_none_other() -> None:
    folder = ROOT / "catalog/viewer/static"
    on_disk = {path.name: path.read_bytes() for path in folder.iterdir()}
    sent = {f.content for f in static_files().values()}
    assert sent == set(on_disk.values())


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
