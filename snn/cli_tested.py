"""Open what a command tests on: a split, or a task."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snn.task_data import TrainedOn


def open_tested(reference: str, of_round: str = "", datasets: str | None = None) -> "TrainedOn":
    """Open a split or a task; of a task that cross-validates, one round.

    Args:
        reference: ``FOLDER@VERSION/split:NAME`` or ``…/task:NAME``.
        of_round: the round of a run: the fold that it was not trained on.
        datasets: where the other datasets of a task lie; None: beside its own.
    """
    from catalog.cli_task import open_quietly
    from catalog.folder import open_split
    from catalog.reference import parse_reference

    if parse_reference(reference).task is None:
        return open_split(reference)
    task = open_quietly(reference, datasets)
    return task.round(of_round if task.record.cross_validate else "")
