"""Every command that a page shows is one that there is, with its options, run or not."""

from functools import cache
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from eventstore.cli import build_app
from tests.docs.console import commands_of
from tests.docs.page_blocks import blocks_of, page_name, pages


@cache
def application() -> TyperGroup:
    found = typer.main.get_command(build_app())
    assert isinstance(found, TyperGroup)
    return found


def parse(words: list[str]) -> None:
    """Read the words as the program does, and do nothing."""
    group, context = application(), None
    name, rest = words[0], words[1:]
    while True:
        context = group.make_context(name, list(rest), parent=context)
        found, command, rest = group.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        assert command is not None
        if not isinstance(command, TyperGroup):
            command.make_context(found, rest, parent=context)
            return
        group, name = command, str(found)


def shown(page: Path) -> list[list[str]]:
    return [
        command.words
        for block in blocks_of(page)
        if block.language == "console"
        for command in commands_of(block.code)
        if command.words[0] == "spikelake"
    ]


def with_commands() -> list[Path]:
    return [page for page in pages() if shown(page)]


def test_commands_are_found() -> None:
    assert sum(len(shown(page)) for page in pages()) > 250


@pytest.mark.parametrize("page", with_commands(), ids=page_name)
def test_every_command_shown_is_understood(page: Path) -> None:
    wrong = {}
    for words in shown(page):
        try:
            parse(words)
        except Exception as error:
            wrong[" ".join(words)] = str(error)
    assert wrong == {}


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(Exception, match="No such option"):
        parse(["spikelake", "chip", "list", "--colour"])
