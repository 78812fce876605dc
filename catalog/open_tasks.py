"""Make and open tasks, finding the other datasets that they are over."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.dataset import Dataset
from catalog.folder import open_catalog, open_source
from catalog.reference import parse_reference
from catalog.tasks.making import Lookup, Versions, freeze_task
from catalog.tasks.opening import open_task as open_checked
from catalog.tasks.record import TaskRecord
from catalog.tasks.spec import TaskSpec
from catalog.tasks.task import Task
from eventstore.errors import InvalidInput


def make_task(
    dataset: Dataset, name: str, spec: TaskSpec, *, datasets: Path | str | None = None
) -> TaskRecord:
    """Freeze a task in the work tree of a dataset; the next version saved has it.

    Args:
        dataset: where the task is to lie.
        name: name of the task.
        spec: what it is over, and how it is judged.
        datasets: folder or URL of other datasets; those beside its own where None.

    Raises:
        AlreadyExists: the dataset has, or a saved version had, a task of this name.
        InvalidInput: folds, classes or the metric do not fit.
        NotFound: there is no such dataset, version, split, fold, class or metric.
        IntegrityError: a split is not what it was frozen as.
    """
    return freeze_task(dataset, name, spec, beside(str(dataset.root), datasets))


def open_task(
    reference: str,
    *,
    datasets: Path | str | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Task:
    """Open a task by the path of its dataset, ``"data/nmnist@1.0.0/task:digits"``, or by URL.

    Warns where recordings differ in what no sample shows: see `catalog.tasks.task.Task.findings`.

    Args:
        reference: the task.
        datasets: folder or URL of the other datasets that it is over; those beside its own where
            None.
        storage_options: for a URL, what fsspec's file system takes.

    Raises:
        InvalidInput: the reference names no task.
        NotFound: there is no such task, or not all datasets that it is over.
        IntegrityError: the task, or anything it pins, is not what it was frozen as.
    """
    wanted = parse_reference(reference)
    home = open_source(wanted.name, storage_options=storage_options)
    state = home.at(wanted.version)
    if wanted.task is None:
        names = ", ".join(state.tasks) or "none yet"
        message = f"{wanted} names no task (there are: {names})"
        version = state.reference.version
        raise InvalidInput(message, hint=f"write {wanted.name}@{version}/task:NAME")
    lookup = beside(wanted.name, datasets, storage_options=storage_options)
    try:
        task = open_checked(state, wanted.task, lookup, digest=wanted.digest)
    except BaseException:
        state.close()
        raise
    for finding in task.findings:
        warnings.warn(f"{finding.where}: {finding.message}", stacklevel=2)
    return task


def beside(
    name: str,
    datasets: Path | str | None = None,
    *,
    storage_options: Mapping[str, Any] | None = None,
) -> Lookup:
    """Return what finds other datasets by name: in a folder, or beside a dataset.

    Args:
        name: folder or URL of a dataset.
        datasets: folder or URL of the others; where the dataset lies if None.
        storage_options: for a URL, what fsspec's file system takes.
    """
    where = str(datasets) if datasets is not None else _around(name)

    def found(other: str) -> Versions:
        if Path(where).is_dir():
            return open_catalog(where).dataset(other)
        return open_source(f"{where}/{other}", storage_options=storage_options)

    return found


def _around(name: str) -> str:
    if Path(name).is_dir():
        return str(Path(name).absolute().parent)
    return name.rstrip("/").rpartition("/")[0]
