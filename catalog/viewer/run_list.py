"""Training runs and chip reports, and which of the data they are of lies here.

Their records are read as what they are, JSON: the catalog knows neither networks nor chips. Only
folders that the command line named are looked into, no links in them are followed, and of a record
that is not one the page says so.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from catalog.viewer.chip_reports import PAGE, chip_report, read_page
from catalog.viewer.data_relation import Data, data_of, folds_of
from catalog.viewer.shown import Shown, ShownState
from eventstore.errors import NotFound

RECORD = "run.json"
"""What a folder of a finished run holds."""

MOST_RUNS = 500

MOST_FILES = 5_000
"""Files that may be reports, of which the first are read."""

DEEPEST = 3
"""Folders below the one that was named."""

MOST_BYTES = 4 << 20
"""Of a record; a larger one is not read."""


class Wanted(NamedTuple):
    """Which runs and reports are asked for; all where empty.

    Args:
        recording: those that used this recording.
        split: those that used this split, as it is here.
    """

    recording: str = ""
    split: str = ""


def run_list(shown: Shown, wanted: Wanted | None = None) -> dict[str, object]:
    """Return the runs and chip reports in the folders that were named, as plain values.

    Raises:
        NotFound: there is no such recording or split.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> run_list(Shown(tiny_dataset()))["runs"]
        []
    """
    state, wanted = shown.state(), wanted or Wanted()
    if wanted.recording:
        state.store_row(wanted.recording)
    if wanted.split:
        state.version.split_record(wanted.split)
    runs: list[dict[str, object]] = []
    reports: list[dict[str, object]] = []
    left = MOST_FILES
    for folder in shown.runs:
        for place, files in _folders(folder):
            name = f"{folder.name}/{place.relative_to(folder).as_posix()}".removesuffix("/.")
            told = _read(place / RECORD).get("task") if RECORD in files else ""
            found = list(_reports(state, place, files[:left], wanted, of_run=str(told or "")))
            left -= min(len(files), left)
            if RECORD not in files:
                reports += [{**one, "name": f"{name}/{one['name']}"} for one in found]
            elif len(runs) < MOST_RUNS:
                run, data = _run(state, place)
                if _meant(state, data, wanted):
                    folds = _folds(state, data, wanted)
                    runs.append({"name": name, **run, "folds": folds, "reports": found})
                elif found:
                    reports += [{**one, "name": f"{name}/{one['name']}"} for one in found]
    return {
        "reference": str(state.version.reference),
        "folders": [folder.name for folder in shown.runs],
        "runs": runs,
        "reports": reports[:MOST_RUNS],
    }


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


def _folders(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield folders that may hold records, with their files; below a run lie none."""
    for place, inside, files in os.walk(folder, followlinks=False):
        here = Path(place)
        inside.sort()
        if len(here.relative_to(folder).parts) >= DEEPEST or RECORD in files:
            inside.clear()
        found = sorted(name for name in files if name.endswith((".json", PAGE)))
        if found:
            yield here, found


def _run(state: ShownState, place: Path) -> tuple[dict[str, object], Data]:
    """Return what is told of a run, or what is wrong with its record; and its data."""
    facts = _read(place / RECORD)
    task = facts.get("task")
    if not isinstance(task, str):
        return {"problem": f"{RECORD} is not the record of a run", "same": []}, Data()
    recipe = facts.get("recipe")
    recipe = recipe if isinstance(recipe, dict) else {}
    history, test = facts.get("history"), facts.get("test")
    shares = test if isinstance(test, dict) else {}
    data = data_of(state, task)
    return {
        "task": task,
        "data": data.relation,
        "split": data.split,
        "same": sorted(data.same),
        "recipe": str(recipe.get("name", "")),
        "n_epochs": len(history) if isinstance(history, list) else 0,
        "best_epoch": facts.get("best_epoch"),
        "test": {k: v for k, v in shares.items() if isinstance(v, int | float)},
    }, data


def _reports(
    state: ShownState, place: Path, files: list[str], wanted: Wanted, *, of_run: str
) -> Iterator[dict[str, object]]:
    """Yield the chip reports in a folder: of JSON, and of pages that stand alone.

    Reports of before they said so are of the data of the run that they lie beside.
    """
    names = set(files)
    for name in files:
        stem = Path(name).stem
        if name == RECORD or (name.endswith(PAGE) and f"{stem}.json" in names):
            continue
        facts = read_page(place / name) if name.endswith(PAGE) else _read(place / name)
        told = chip_report(facts)
        if told is None:
            continue
        cited = str(facts.get("data") or of_run)
        data = data_of(state, cited)
        if _meant(state, data, wanted):
            yield {
                "name": name,
                **told,
                "task": cited,
                "data": data.relation,
                "split": data.split,
                "same": sorted(data.same),
                "folds": _folds(state, data, wanted),
            }


def _meant(state: ShownState, data: Data, wanted: Wanted) -> bool:
    if wanted.split and wanted.split not in data.same:
        return False
    return not wanted.recording or bool(_folds(state, data, wanted))


def _folds(state: ShownState, data: Data, wanted: Wanted) -> list[str]:
    """Return in which folds of the same splits the recording asked for is."""
    found = [folds_of(state, split).get(wanted.recording, ()) for split in sorted(data.same)]
    return sorted({fold for folds in found for fold in folds})


def _read(file: Path) -> Mapping[str, object]:
    """Return what a record says; nothing where it is none, a link, or too large."""
    try:
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            return {}
        said = json.loads(file.read_bytes(), parse_constant=lambda _: None)
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
