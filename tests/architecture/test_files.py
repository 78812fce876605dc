"""Files stay small, well named and mirrored by a test."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("eventstore", "catalog", "snn", "devices")
VAGUE = {"utils.py", "helpers.py", "common.py", "misc.py", "core.py", "util.py", "helper.py"}
MAX_LINES = 500

UNMIRRORED = {
    "eventstore/jit.py": "a two-line door to numba, run by every kernel's test",
}


def sources() -> list[Path]:
    return sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def test_no_file_is_too_long() -> None:
    long = {str(p.relative_to(ROOT)): n for p in sources() if (n := lines(p)) > MAX_LINES}
    assert long == {}


def test_no_file_has_a_vague_name() -> None:
    assert [p for p in sources() if p.name in VAGUE] == []


def test_every_file_has_a_mirrored_test() -> None:
    missing = [
        name
        for p in sources()
        if p.name != "__init__.py"
        and (name := p.relative_to(ROOT).as_posix()) not in UNMIRRORED
        and not mirror(p).is_file()
    ]
    assert missing == []


def test_tests_are_no_packages() -> None:
    # An __init__.py under tests/eventstore would shadow the real package, silently.
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_every_package_is_typed() -> None:
    assert [p for p in PACKAGES if not (ROOT / p / "py.typed").is_file()] == []


def mirror(source: Path) -> Path:
    relative = source.relative_to(ROOT)
    return ROOT / "tests" / relative.with_name(f"test_{relative.name}")


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())
