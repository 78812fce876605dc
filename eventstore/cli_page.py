"""The page of the documentation that lists each verb's options, written from the verbs themselves.

``python -m eventstore.cli_page > docs/reference/command-options.md`` writes it anew.
"""

import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from eventstore.cli import build_app

HEAD = """\
# Options of every verb

This page is written from the program by
`python -m eventstore.cli_page > docs/reference/command-options.md`, so it says what `--help`
says. What verbs are for, with examples, is told under [Command line](command-line.md).

`…` behind a name means that several may be given: arguments one after the other, options by
repeating them.
"""


class Verb(NamedTuple):
    """A command of the program.

    Args:
        name: its words behind ``spikelake``.
        about: its help.
        parameters: its arguments and options in their order.
    """

    name: str
    about: str
    parameters: tuple[TyperArgument | TyperOption, ...]


def verbs() -> list[Verb]:
    """Return all verbs of all installed packages, those of a group one after the other.

    Examples:
        >>> "chip report" in [verb.name for verb in verbs()]
        True
    """
    return list(_verbs(typer.main.get_command(build_app()), ()))


def _verbs(command: object, words: tuple[str, ...]) -> Iterator[Verb]:
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _verbs(below, (*words, name))
    elif isinstance(command, TyperCommand):
        known = [p for p in command.params if isinstance(p, TyperArgument | TyperOption)]
        shown = tuple(p for p in known if not p.hidden)
        yield Verb(" ".join(words), inspect.cleandoc(command.help or ""), shown)


def spelling(parameter: TyperArgument | TyperOption) -> str:
    """Return what a user types for a parameter.

    Examples:
        >>> chosen = {v.name: v for v in verbs()}["chip check"].parameters
        >>> [spelling(parameter) for parameter in chosen[:2]]
        ['MODEL', '--chip <str>']
    """
    several = "…" if parameter.multiple or parameter.nargs != 1 else ""
    if isinstance(parameter, TyperArgument):
        bare = (parameter.metavar or (parameter.name or "").upper()).removesuffix("…")
        optional = not (parameter.required or bare.startswith("["))
        return (f"[{bare}]" if optional else bare) + several
    names = ", ".join(parameter.opts)
    if parameter.is_flag:
        return "/".join([names, *parameter.secondary_opts])
    return f"{names} {parameter.metavar or _kind(parameter)}{several}"


def _kind(option: TyperOption) -> str:
    shown = option.display_type(typer.Context(TyperCommand(name=None)))
    for said, instead in (("list[", ""), ("]", ""), (" range", ""), ("|", " or ")):
        shown = shown.replace(said, instead)
    return shown


def page_text() -> str:
    """Return the page.

    Examples:
        >>> page_text().splitlines()[0]
        '# Options of every verb'
    """
    return HEAD + "".join(map(section_text, sorted(verbs())))


def section_text(verb: Verb) -> str:
    """Return the part of the page about a verb, in Markdown."""
    line = " ".join(["spikelake", verb.name, *_usage(verb)])
    lines = [f"## spikelake {verb.name}", "", verb.about, "", "```text", line, "```", ""]
    if verb.parameters:
        lines += ["| what | says | if absent |", "|---|---|---|"]
        lines += [f"| {' | '.join(_row(parameter))} |" for parameter in verb.parameters]
    return "\n" + "\n".join(lines).rstrip() + "\n"


def _usage(verb: Verb) -> list[str]:
    needed = [spelling(p) for p in verb.parameters if isinstance(p, TyperArgument) or p.required]
    optional = [p for p in verb.parameters if isinstance(p, TyperOption) and not p.required]
    return needed + (["[options]"] if optional else [])


def _row(parameter: TyperArgument | TyperOption) -> tuple[str, str, str]:
    said = " ".join((parameter.help or "").split())
    return (
        f"`{spelling(parameter)}`".replace("|", "\\|"),
        said.replace("|", "\\|"),
        _absent(parameter),
    )


def _absent(parameter: TyperArgument | TyperOption) -> str:
    value = parameter.default
    if parameter.required:
        return "needed"
    if value is None or isinstance(value, bool) or callable(value) or value == "":
        return ""
    return f"`{value.value if isinstance(value, Enum) else value}`"


if __name__ == "__main__":
    sys.stdout.write(page_text())
