"""What is published at a URL, and what is wrong there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.remotes.site import Site
from eventstore.errors import FormatError, IntegrityError, NotFound


def test_versions_and_their_maps(animals: Dataset, site: Path) -> None:
    there = Site(f"{site}/")
    assert there.url == str(site)
    assert there.versions == animals.versions()
    files, places = there.layout(there.version("1.0.0"))
    assert files == animals.saved_tree(animals.version("1.0.0")).files
    assert all((site / place).is_file() for place in places.values())


def test_versions_that_are_not_there(site: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no version at .* '1\.0\.9' \(known: 1\.0\.0\)"):
        Site(str(site)).version("1.0.9")
    with pytest.raises(NotFound, match=r"nothing is published at .* \(no versions\.json there\)"):
        _ = Site(str(tmp_path / "none")).versions


def test_an_edited_map_is_refused(site: Path) -> None:
    path = site / "versions/1.0.0.json"
    path.write_text(path.read_text().replace("recordings.tsv", "recordinks.tsv"))
    there = Site(str(site))
    with pytest.raises(IntegrityError, match=r"1\.0\.0\.json is not what version 1\.0\.0 recorded"):
        there.layout(there.version("1.0.0"))


def test_a_map_that_is_gone(site: Path) -> None:
    (site / "versions/1.0.0.json").unlink()
    there = Site(str(site))
    with pytest.raises(NotFound, match=r"has no versions/1\.0\.0\.json, though versions\.json"):
        there.layout(there.version("1.0.0"))


def test_a_broken_list_of_versions(site: Path) -> None:
    (site / "versions.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(FormatError, match="not a list of versions"):
        _ = Site(str(site)).versions


def test_a_work_tree_that_was_copied_as_it_is(
    animals: Dataset, tmp_path: Path, serve_folder: Callable[[Path], Any]
) -> None:
    server = serve_folder(animals.root)  # as a web server or `aws s3 sync` shows it
    there = Site(server.url)
    files, places = there.layout(there.version("1.0.0"))
    assert (set(files), places) == (set(animals.at("1.0.0").tree.paths()), {})
