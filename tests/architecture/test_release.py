"""What is uploaded: wheel and source distribution, built as ``make package`` builds them."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from packaging.metadata import Metadata

ROOT = Path(__file__).parents[2]
PACKAGES = ("catalog", "devices", "eventstore", "snn")
SUFFIXES = {".py", ".toml", ".txt", ".typed", ".js", ".css", ".html", ".svg"}
EPOCH = "1700000000"


def build(source: Path, out: Path, *targets: str) -> list[Path]:
    """Build distributions of a source tree without a network."""
    wanted = [word for target in targets for word in ("-t", target)]
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out), *wanted]
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH}
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    return sorted(out.iterdir())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the wheel and the source distribution."""
    pytest.importorskip("hatchling", reason="hatchling is not installed: make test")
    wheel, source = build(ROOT, tmp_path_factory.mktemp("built"), "wheel", "sdist")
    return wheel, source


@pytest.fixture(scope="module")
def names(built: tuple[Path, Path]) -> list[str]:
    with zipfile.ZipFile(built[0]) as wheel:
        return [name for name in wheel.namelist() if ".dist-info/" not in name]


def metadata_text(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        return archive.read(name)


def test_a_wheel_of_the_source_distribution_has_the_same_bytes(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    wheel, source = built
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (tree,) = (tmp_path / "unpacked").iterdir()
    (again,) = build(tree, tmp_path / "again", "wheel")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()
    # And the source distribution of what it holds: the second build of the same files.
    (packed,) = build(tree, tmp_path / "packed", "sdist")
    assert packed.read_bytes() == source.read_bytes()


def test_the_wheel_holds_the_packages_and_nothing_else(names: list[str]) -> None:
    assert {name.split("/")[0] for name in names} == set(PACKAGES)
    assert [n for n in names if Path(n).suffix not in SUFFIXES] == []
    assert [n for n in names if re.search(r"__pycache__|(^|/)(tests?|docs)/|/test_|/\.", n)] == []
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)


def test_nothing_of_the_packages_is_left_out(names: list[str]) -> None:
    there = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix in SUFFIXES
    }
    assert sorted(there.symmetric_difference(names)) == []


def test_the_pages_of_the_viewer_carry_and_load_nothing_of_others(built: tuple[Path, Path]) -> None:
    # Whoever vendors a library puts its licence text beside it, and says so in licences.md.
    marks = re.compile(r"copyright|@licen[cs]e|https?://(?!www\.w3\.org/)", re.IGNORECASE)
    with zipfile.ZipFile(built[0]) as wheel:
        pages = [n for n in wheel.namelist() if "/static/" in n]
        found = {name: marks.findall(wheel.read(name).decode()) for name in pages}
    assert len(found) > 10
    assert {name: words for name, words in found.items() if words} == {}


def test_its_metadata_are_valid_and_complete(built: tuple[Path, Path]) -> None:
    metadata = Metadata.from_email(metadata_text(built[0]), validate=True)
    assert metadata.license_expression == "Apache-2.0"
    assert metadata.license_files == ["LICENSE"]
    assert metadata.summary
    assert metadata.description_content_type == "text/markdown"
    assert (metadata.description or "").startswith("# spikelake\n")
    trove = pytest.importorskip("trove_classifiers", reason="comes with hatchling")
    assert set(metadata.classifiers or ()) <= trove.classifiers


def test_the_version_stands_in_one_place(built: tuple[Path, Path]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    metadata = Metadata.from_email(metadata_text(built[0]), validate=True)
    assert str(metadata.version) == project["version"]
    stated = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"^__version__", path.read_text(), re.MULTILINE)
    ]
    assert stated == []


def test_commands_and_codecs_are_where_the_metadata_say() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    points = {"console_scripts": project["scripts"], **project["entry-points"]}
    for group, table in points.items():
        for name, value in table.items():
            assert callable(EntryPoint(name, value, group).load()), f"{group}: {name}"


def test_all_that_an_environment_keeps_is_ignored_by_git() -> None:
    places = [".venv", ".venv-bench", ".venv-min", "dist", "site", "spikelake-demo"]
    command = ["git", "check-ignore", *(f"{place}/x" for place in places)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 128:
        pytest.skip("not a checkout of git")
    assert done.stdout.split() == [f"{place}/x" for place in places]
