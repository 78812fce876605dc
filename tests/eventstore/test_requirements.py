import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from eventstore import requirements
from eventstore.errors import NotFound
from eventstore.requirements import Need, closure, stated_needs

ROOT = Path(__file__).parents[2]


def write_distribution(site: Path, name: str, *requires: str, version: str = "1.0") -> None:
    """Write the metadata of a distribution, as pip leaves them."""
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir()
    extras = {r.split("extra == ")[1].strip("'") for r in requires if "extra ==" in r}
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    lines += [f"Provides-Extra: {extra}" for extra in sorted(extras)]
    lines += [f"Requires-Dist: {line}" for line in requires]
    (folder / "METADATA").write_text("\n".join(lines) + "\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder whose distributions are seen, before those of this environment."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_needs_are_those_of_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    stated = [("", line) for line in project["dependencies"]]
    stated += [(k, line) for k, v in project["optional-dependencies"].items() for line in v]
    wanted = {(extra, (r := Requirement(line)).name, str(r.specifier)) for extra, line in stated}
    found = {(need.extra, need.name, need.wanted) for need in stated_needs()}
    assert found == wanted, "pip install --editable . --no-deps, after pyproject.toml has changed"


def test_what_is_missing_or_too_old_is_not_met(site: Path) -> None:
    write_distribution(site, "whole", "part>=2.0", "absent", "extra-part; extra == 'more'")
    write_distribution(site, "part", version="1.9")
    write_distribution(site, "extra_part")
    assert [(n.name, n.extra, n.found, n.is_met) for n in stated_needs("whole")] == [
        ("part", "", "1.9", False),
        ("absent", "", "", False),
        ("extra-part", "more", "1.0", True),
    ]


def test_the_command_names_the_extra() -> None:
    need = Need(name="s3fs", wanted="", extra="s3", found="")
    assert need.install == "pip install 'spikelake[s3]'"
    assert Need(name="numpy", wanted="", extra="", found="").install == "pip install spikelake"


def test_a_closure_follows_extras_and_ends_at_circles(site: Path) -> None:
    write_distribution(site, "whole", "a[fast]", "tool")
    write_distribution(site, "a", "b", "c; extra == 'fast'", "d; extra == 'slow'")
    write_distribution(site, "b", "a", "elsewhere; sys_platform == 'none'")
    for name in ("c", "d", "shared"):
        write_distribution(site, name)
    write_distribution(site, "tool", "only-of-tool", "shared")
    write_distribution(site, "only_of_tool")
    assert list(closure(name="whole")) == ["a", "b", "c", "only-of-tool", "shared", "tool"]
    assert list(closure(name="whole", without=["Tool"])) == ["a", "b", "c"]


def test_a_checkout_that_was_not_installed_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "OURS", "spikelake-of-nobody")
    with pytest.raises(NotFound, match="'spikelake-of-nobody' is not installed") as caught:
        requirements.installed(requirements.OURS)
    assert "pip install --editable ." in caught.value.hint
