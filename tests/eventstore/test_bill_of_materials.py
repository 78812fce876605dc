import json
import re
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from eventstore import bill_of_materials as bill
from eventstore.bill_of_materials import Part, installed_parts, licence_of
from eventstore.requirements import stated_needs

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "licences.md"


@pytest.fixture(scope="module")
def parts() -> list[Part]:
    return installed_parts()


def described(tmp_path: Path, *fields: str) -> Distribution:
    folder = tmp_path / "x-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("\n".join(["Name: x", "Version: 1", *fields]) + "\n")
    return Distribution.at(folder)


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        (["License-Expression: mit or apache-2.0", "License: ignored"], "MIT OR Apache-2.0"),
        (["License: Apache 2.0"], "Apache 2.0"),
        (["License: mit"], "MIT"),
        (
            [f"License: {'long ' * 30}", "Classifier: License :: OSI Approved :: BSD License"],
            "BSD License",
        ),
        (["Classifier: License :: DFSG approved"], ""),
        ([], ""),
    ],
)
def test_the_exact_licence_comes_before_the_vague(
    tmp_path: Path, fields: list[str], licence: str
) -> None:
    assert licence_of(described(tmp_path, *fields)) == licence


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "GPL-3", "GPLv2"])
def test_strong_copyleft_is_seen(licence: str) -> None:
    part = Part(name="x", version="1", licence=licence, texts={}, needs=())
    assert part.is_strong_copyleft
    weak = Part(name="x", version="1", licence=f"L{licence.lstrip('A')}", texts={}, needs=())
    assert not weak.is_strong_copyleft


def test_nothing_that_is_imported_is_under_strong_copyleft() -> None:
    imported = installed_parts(without=bill.RUN_APART)
    assert [part.name for part in imported if part.is_strong_copyleft] == []


def test_what_is_run_apart_is_named_with_its_licence_in_the_docs(parts: list[Part]) -> None:
    strong = {part.name for part in parts if part.is_strong_copyleft}
    assert strong, "git-annex is one: the test above must be able to fail"
    page = PAGE.read_text()
    assert [name for name in strong if f"`{name}`" not in page] == []


def families(licence: str) -> set[str]:
    """Return which sorts of licence a text names: how it spells them changes with versions."""
    known = r"\bAGPL|\bGPL|LGPL|MPL|MIT|BSD|Apache|ISC|PSF|Python Software Foundation"
    return {
        found.replace("Python Software Foundation", "PSF") for found in re.findall(known, licence)
    }


def test_the_page_lists_what_is_asked_for_and_under_which_licence(parts: list[Part]) -> None:
    rows = dict(re.findall(r"^\| `([^`]+)` \|.*\| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE))
    needs = {canonicalize_name(need.name) for need in stated_needs()}
    assert sorted(needs - set(rows)) == []
    licences = {part.name: part.licence for part in parts if part.name in needs and part.licence}
    wrong = {
        name: text for name, text in licences.items() if not families(text) & families(rows[name])
    }
    assert wrong == {}


def test_each_part_is_a_component_with_its_edges(parts: list[Part]) -> None:
    document = bill.to_cyclonedx(parts)
    refs = {component["bom-ref"] for component in document["components"]}
    assert len(refs) == len(parts)
    edges = {edge["ref"]: set(edge["dependsOn"]) for edge in document["dependencies"]}
    assert set(edges) == refs | {document["metadata"]["component"]["bom-ref"]}
    assert set().union(*edges.values()) == refs, "every part is needed by another or by us"
    ours = edges[document["metadata"]["component"]["bom-ref"]]
    assert any(ref.startswith("pkg:pypi/numpy@") for ref in ours)
    local = Part(name="torch", version="2.13.0+cpu", licence="", texts={}, needs=())
    assert local.purl == "pkg:pypi/torch@2.13.0%2Bcpu"


def test_equal_environments_give_equal_bytes(tmp_path: Path, parts: list[Part]) -> None:
    first = [path.read_bytes() for path in bill.write_bill(tmp_path / "a", parts)]
    assert first == [path.read_bytes() for path in bill.write_bill(tmp_path / "b", parts)]


def test_both_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bill.main(["--out", str(tmp_path / "new"), "--extra", "s3"]) == 0
    document = json.loads((tmp_path / "new" / "spikelake.cdx.json").read_text())
    names = {component["name"] for component in document["components"]}
    assert {"s3fs", "numpy"} <= names
    assert "onnx" not in names
    texts = (tmp_path / "new" / "licences.txt").read_text()
    assert re.search(r"^zarr [\d.]+ +MIT$", texts, re.MULTILINE)
    assert "Permission is hereby granted, free of charge" in texts
    assert f"{len(names)} distributions" in capsys.readouterr().out
