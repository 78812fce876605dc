"""The generated page of every verb's options."""

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperOption

from eventstore.cli_page import Verb, page_text, section_text, spelling, verbs

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-options.md"


def verb_of(app: typer.Typer, name: str) -> Verb:
    command = typer.main.get_command(app)
    assert isinstance(command, TyperCommand)
    return Verb(name, "About it.", tuple(p for p in command.params if p.name != "help"))  # type: ignore[misc]  # typer has no other parameters


def test_the_documentation_has_the_page_as_it_would_be_written_now() -> None:
    command = "python -m eventstore.cli_page > docs/reference/command-options.md"
    assert PAGE.read_text(encoding="utf-8") == page_text(), f"run: {command}"


def test_every_argument_and_option_says_what_it_is_for() -> None:
    silent = [(verb.name, p.name) for verb in verbs() for p in verb.parameters if not p.help]
    assert silent == []


def test_options_are_written_in_one_way() -> None:
    said = [
        name
        for verb in verbs()
        for p in verb.parameters
        if isinstance(p, TyperOption)
        for name in [*p.opts, *p.secondary_opts]
    ]
    assert len(said) > 300
    assert [name for name in said if name != name.lower() or "_" in name] == []


def test_a_verb_is_shown_with_all_that_it_takes() -> None:
    app = typer.Typer(add_completion=False)

    @app.command()
    def one(
        name: Annotated[str, typer.Argument(help="Its name.")],
        more: Annotated[list[str] | None, typer.Argument(help="A | pipe.")] = None,
        *,
        size: Annotated[int, typer.Option(min=1, help="How large.")] = 3,
        keep: Annotated[bool, typer.Option("--keep/--drop", help="Keep it.")] = True,
        secret: Annotated[bool, typer.Option(hidden=True)] = False,
    ) -> None:
        """Do one thing."""

    verb = verb_of(app, "one")
    visible = Verb("one", verb.about, tuple(p for p in verb.parameters if not p.hidden))
    assert [spelling(p) for p in visible.parameters] == [
        "NAME",
        "[MORE]…",
        "--size <int>",
        "--keep/--drop",
    ]
    text = section_text(visible)
    assert (
        "## spikelake one\n\nAbout it.\n\n```text\nspikelake one NAME [MORE]… [options]\n" in text
    )
    assert "| `NAME` | Its name. | needed |" in text
    assert "| `[MORE]…` | A \\| pipe. |  |" in text
    assert "| `--size <int>` | How large. | `3` |" in text
    assert "secret" not in text
