"""Check the card of a result: recompute all it says from its runs, and the task from the data."""

from collections.abc import Iterator, Mapping

import numpy as np

from catalog.reference import SHORT_DIGEST, parse_reference
from catalog.tasks.benchmark import BenchmarkCard, make_card
from catalog.tasks.task import Task
from eventstore.errors import SpikelakeError
from eventstore.findings import Finding, error_at


def check_card(card: BenchmarkCard, task: Task | None, *, path: str) -> list[Finding]:
    """Return everything in a card that does not agree.

    Args:
        card: the card.
        task: its task, opened, so that its digests were recomputed; None checks the card alone.
        path: where the card stands, for messages.
    """
    findings = []
    if card.content_digest != card.digest:
        message = (
            f"the card was edited: its digest is {card.content_digest[:SHORT_DIGEST]}, "
            f"it says {card.digest[:SHORT_DIGEST] or 'none'}"
        )
        findings.append(error_at(path, message, "card", "make it again from the results"))
    cited = parse_reference(card.task)
    if not card.task_digest.startswith(cited.digest or "?"):
        message = f"it cites {card.task}, and states another digest, {card.task_digest[:16]}"
        findings.append(error_at(path, message, "task", "make it again from the results"))
    if task is not None:
        findings.extend(_check_against(card, task, path))
    return findings


def _check_against(card: BenchmarkCard, task: Task, path: str) -> Iterator[Finding]:
    if task.digest != card.task_digest:
        message = (
            f"the result is on a task of digest {card.task_digest[:SHORT_DIGEST]}; "
            f"{task.reference} is another"
        )
        yield error_at(path, message, "task", "open the version that was cited")
        return
    try:
        again = make_card(
            task.record,
            parse_reference(card.task),
            card.results(path=path),
            rounds=task.round_names,
            date=card.date,
        )
    except SpikelakeError as error:
        yield error_at(path, error.message, "runs", error.hint)
        return
    for name in ("over", "classes", "metric", "value", "over_rounds", "pipeline_digest"):
        said, found = getattr(card, name), getattr(again, name)
        if not _same(said, found):
            message = f"{name} is stated as {said}, recomputed it is {found}"
            yield error_at(path, message, name, "make the card again from the results")
    yield from _check_counts(card, task, path)


def _check_counts(card: BenchmarkCard, task: Task, path: str) -> Iterator[Finding]:
    """Compare the test samples of each run, class by class, with those of the task."""
    for result in card.results(path=path):
        if result.confusion is None:
            continue
        labels = [selection.label for selection in task.round(result.round).test]
        counts = np.bincount(np.concatenate(labels), minlength=len(task.label_names)).tolist()
        found = [sum(row) for row in result.confusion]
        if found != counts:
            message = (
                f"the run of seed {result.seed} tested {sum(found):,} samples, the task has "
                f"{sum(counts):,}, or they are of other classes"
            )
            yield error_at(path, message, "samples", "test on every test sample of the task")


def _same(said: object, found: object) -> bool:
    if isinstance(said, Mapping) and isinstance(found, Mapping):
        return set(said) == set(found) and all(_same(said[k], found[k]) for k in said)
    if isinstance(said, float) and isinstance(found, float):
        return abs(said - found) <= 1e-9
    return said == found
