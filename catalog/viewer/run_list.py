"""Training runs and chip reports, and which of the data they are of lies here.

Their records are read as what they are, JSON: the catalog knows neither networks nor chips. Only
folders that the command line named are looked into, no links in them are followed, and of a record
that is not one the page says so.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from catalog.reference import Reference, parse_reference
from catalog.viewer.shown import Shown, ShownState
from eventstore.errors import NotFound, SpikelakeError

RECORD = "run.json"
"""What a folder of a finished run holds."""

MOST_RUNS = 500

DEEPEST = 3
"""Folders below the one that was named."""

MOST_BYTES = 4 << 20
"""Of a record; a larger one is not read."""

SHARES = ("float_accuracy", "integer_accuracy", "event_accuracy")
"""What of a chip report is told, where it has it."""


def run_list(shown: Shown) -> dict[str, object]:
    """Return the runs in the folders that were named, as plain values.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> run_list(Shown(tiny_dataset()))["runs"]
        []
    """
    state = shown.state()
    found: list[dict[str, object]] = []
    for folder in shown.runs:
        for place in _run_folders(folder):
            if len(found) == MOST_RUNS:
                break
            name = f"{folder.name}/{place.relative_to(folder).as_posix()}".removesuffix("/.")
            found.append({"name": name, **_run(state, place)})
    folders = [folder.name for folder in shown.runs]
    return {"reference": str(state.version.reference), "folders": folders, "runs": found}


def check_run_folders(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return folders of runs, with links resolved.

    Raises:
        NotFound: one is no folder.
    """
    for folder in folders:
        if not folder.is_dir():
            message = f"no folder of runs {folder}"
            raise NotFound(message, hint="spikelake train … --out FOLDER makes one")
    return tuple(folder.resolve() for folder in folders)


def _run_folders(folder: Path) -> Iterator[Path]:
    for place, inside, files in os.walk(folder, followlinks=False):
        here = Path(place)
        inside.sort()
        if len(here.relative_to(folder).parts) >= DEEPEST:
            inside.clear()
        if RECORD in files:
            inside.clear()
            yield here


def _run(state: ShownState, place: Path) -> dict[str, object]:
    """Return what is told of a run, or what is wrong with its record."""
    facts = _read(place / RECORD)
    task = facts.get("task")
    if not isinstance(task, str):
        return {"problem": f"{RECORD} is not the record of a run"}
    recipe = facts.get("recipe")
    recipe = recipe if isinstance(recipe, dict) else {}
    history, test = facts.get("history"), facts.get("test")
    shares = test if isinstance(test, dict) else {}
    return {
        "task": task,
        "data": _relation(state, task),
        "split": _split_here(state, task),
        "recipe": str(recipe.get("name", "")),
        "n_epochs": len(history) if isinstance(history, list) else 0,
        "best_epoch": facts.get("best_epoch"),
        "test": {k: v for k, v in shares.items() if isinstance(v, int | float)},
        "reports": list(_reports(place)),
    }


def _relation(state: ShownState, task: str) -> str:
    """Say whether the data that a run was trained on are those that are shown."""
    try:
        wanted = parse_reference(task)
    except SpikelakeError:
        return "not told"
    if wanted.dataset != state.version.name:
        return "another dataset"
    if wanted.split is None:
        return "a task of this dataset" if wanted.task else "this dataset"
    if wanted.split not in state.version.splits:
        return "a split that is not here"
    return "the same split" if _is_same(state, wanted) else "a split of this name, other samples"


def _is_same(state: ShownState, wanted: Reference) -> bool:
    digest = state.version.split_record(str(wanted.split)).digest
    return wanted.digest is not None and digest.startswith(wanted.digest)


def _split_here(state: ShownState, task: str) -> str:
    """Return the name of the split shown here, where it is one."""
    if _relation(state, task) not in {"the same split", "a split of this name, other samples"}:
        return ""
    return str(parse_reference(task).split)


def _reports(place: Path) -> Iterator[dict[str, object]]:
    """Yield the chip reports that lie in a run's folder."""
    for file in sorted(place.glob("*.json")):
        facts = _read(file) if file.name != RECORD else {}
        if isinstance(facts.get("chip"), str) and "float_accuracy" in facts:
            shares = {k: facts[k] for k in SHARES if isinstance(facts.get(k), int | float)}
            yield {
                "name": file.name,
                "chip": facts["chip"],
                "fits": bool(facts.get("fits")),
            } | shares


def _read(file: Path) -> Mapping[str, object]:
    """Return what a record says; nothing where it is none, a link, or too large."""
    try:
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            return {}
        said = json.loads(file.read_bytes(), parse_constant=lambda _: None)
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
