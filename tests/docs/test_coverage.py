"""What a user can type or catch is documented."""

from dataclasses import fields
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from catalog.labels.formats import LABEL_FORMATS
from catalog.layouts import LAYOUTS
from catalog.layouts.box_files import BOX_FILES
from catalog.layouts.paths import PathsOptions
from catalog.public.entry import entry_names
from eventstore.cli import build_app
from eventstore.errors import ErrorKind, SpikelakeError
from eventstore.readers import READERS
from eventstore.registry import Registry
from eventstore.repairs import REPAIRS
from eventstore.writers import WRITERS

ROOT = Path(__file__).parents[2]


def reference(page: str) -> str:
    return (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")


def verbs() -> list[str]:
    def walk(command: object, words: list[str]) -> list[str]:
        if isinstance(command, TyperGroup):
            return [v for n, sub in command.commands.items() for v in walk(sub, [*words, n])]
        return [" ".join(words)]

    return walk(typer.main.get_command(build_app()), [])


def test_the_verbs_are_found() -> None:
    assert {"demo", "dataset create", "chip report"} <= set(verbs())


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_has_a_heading(verb: str) -> None:
    assert f"## spikelake {verb}\n" in reference("command-line.md")


@pytest.mark.parametrize(
    "table",
    [READERS, WRITERS, REPAIRS, LABEL_FORMATS],
    ids=["reader", "writer", "repair", "label format"],
)
def test_every_reader_writer_and_repair_is_documented(table: Registry[object]) -> None:
    pages = reference("formats.md") + reference("command-line.md")
    assert [name for name in table if f"`{name}`" not in pages] == []


@pytest.mark.parametrize("error", SpikelakeError.__subclasses__(), ids=lambda e: e.__name__)
def test_every_error_is_documented_with_its_kind(error: type[SpikelakeError]) -> None:
    assert f"| `{error.__name__}` | `{error.kind}` |" in reference("errors.md")


def test_no_error_kind_is_forgotten() -> None:
    assert [kind for kind in ErrorKind if f"`{kind}`" not in reference("errors.md")] == []


def test_every_layout_and_its_options_are_documented() -> None:
    page = reference("layouts.md")
    assert [name for name in LAYOUTS if f"| `{name}` |" not in page] == []
    assert [f.name for f in fields(PathsOptions) if f"`{f.name}`" not in page] == []
    assert [form for form in BOX_FILES if f"`{form}`" not in page] == []


def test_every_public_dataset_is_listed() -> None:
    page = reference("public-datasets.md")
    assert [name for name in entry_names() if f"| `{name}` |" not in page] == []


def test_the_readme_is_short_and_shows_the_entry_points() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    for command in ("make demo", "make test"):
        assert command in text


def test_every_decision_record_is_listed_and_short() -> None:
    listed = (ROOT / ".mkdocs.yml").read_text(encoding="utf-8")
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [r.name for r in records if f"adr/{r.name}" not in listed] == []
    assert [r.name for r in records if len(r.read_text(encoding="utf-8").splitlines()) > 60] == []
