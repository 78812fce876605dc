"""Cite a task: the line that names it, and BibTeX for it and for the datasets it is over."""

import re
from collections.abc import Iterable, Sequence

from catalog.card import Card
from catalog.reference import DRAFT
from catalog.tasks.record import TaskPart
from catalog.tasks.task import Task
from eventstore.errors import InvalidInput

_SPECIAL = re.compile(r"[\\#$%&_{}~^]")

_WRITTEN = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def cite_task(task: Task, year: str) -> tuple[str, str]:
    """Return the reference line of a task and BibTeX entries: its own, and one a dataset.

    Args:
        task: the open task, so that what is cited was checked.
        year: when its version was saved.

    Raises:
        InvalidInput: the task lies in a draft, which is nothing that others could open.
    """
    reference = task.reference
    if reference.version == DRAFT:
        message = f"{reference} is a draft, which nobody else can open"
        hint = "save a version that has it: spikelake dataset save DATASET VERSION"
        raise InvalidInput(message, hint=hint)
    home = task.home.card
    parts = [opened.part for opened in task.parts]
    version = str(reference.version)
    fields = [
        ("author", _authors(home.authors)),
        ("title", f"{{{_tex(home.title or home.name)}: task {_tex(task.name)}}}"),
        ("year", year),
        ("version", version),
        ("note", _note(task, parts)),
        ("doi", home.doi),
        ("url", home.homepage),
    ]
    entries = [_entry(f"{home.name}-{version}-{task.name}", fields)]
    for opened in task.parts:
        its = opened.state.reference.version
        entries.append(_dataset_entry(opened.state.card, str(its)))
    return str(reference), "\n\n".join(dict.fromkeys(entries)) + "\n"


def _note(task: Task, parts: Sequence[TaskPart]) -> str:
    over = "; ".join(f"{part} sha256:{part.split_digest}" for part in parts)
    return _tex(f"{task.reference}; task sha256:{task.digest}; over {over}")


def _dataset_entry(card: Card, version: str) -> str:
    fields = [
        ("author", _authors(card.authors)),
        ("title", f"{{{_tex(card.title or card.name)}}}"),
        ("version", version),
        ("note", _tex("; ".join(filter(None, (card.citation, f"licence {card.licence}"))))),
        ("doi", card.doi),
        ("url", card.homepage),
    ]
    return _entry(f"{card.name}-{version}", fields)


def _authors(names: Iterable[str]) -> str:
    return " and ".join(f"{{{_tex(name)}}}" for name in names)


def _entry(key: str, fields: Sequence[tuple[str, str]]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _tex(text: str) -> str:
    """Write a text so that LaTeX prints it as it is."""
    return _SPECIAL.sub(lambda hit: _WRITTEN.get(hit[0], "\\" + hit[0]), text)
