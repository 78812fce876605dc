"""The card of a result: what was measured on which samples, in a form that can be checked again.

Means are recomputed from the runs, the metric of a run from its confusion matrix, and the digests
of the task from the data: nothing in a card has to be believed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from catalog.reference import SHORT_DIGEST, Reference, parse_reference
from catalog.tasks.record import TaskRecord, stages_fingerprint
from catalog.tasks.result import Result
from catalog.tasks.spread import Spread, spread_of
from catalog.text_files import json_text, parse_json
from eventstore.digest import sha256_text
from eventstore.errors import FormatError, InvalidInput

CARD_FORMAT = 1

CARD_PREFIX = "spikelake-benchmark-1\n"
"""Names the algorithm inside the digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkCard:
    """A result on a task, over seeds and rounds.

    Args:
        task: reference of the task.
        task_digest: its digest, in full.
        over: the splits it is over with their digests: dataset, version, split, digest.
        classes: number of classes.
        metric: the task's metric.
        model: what was trained, the same in all runs.
        pipeline: stages that test samples went through; None where they are not known.
        pipeline_digest: their fingerprint.
        code: what ran: versions by name, commit.
        runs: result of each run, in order of round and seed.
        value: the metric over seeds, each the mean over rounds.
        over_rounds: the metric over the rounds of a cross-validation, each the mean over seeds.
        date: when the card was made, UTC, ISO 8601.
        digest: digest of all the above.
    """

    task: str
    task_digest: str
    over: Sequence[Mapping[str, str | None]]
    classes: int
    metric: str
    model: Mapping[str, Any]
    pipeline: Sequence[Mapping[str, Any]] | None
    pipeline_digest: str | None
    code: Mapping[str, str]
    runs: Sequence[Mapping[str, Any]]
    value: Mapping[str, float | int | None]
    over_rounds: Mapping[str, float | int | None] | None
    date: str
    digest: str = ""

    @property
    def content_digest(self) -> str:
        """Digest recomputed from the content."""
        content = {k: v for k, v in asdict(self).items() if k != "digest"}
        return sha256_text(CARD_PREFIX + json.dumps(content, sort_keys=True))

    def text(self) -> str:
        """Return the text of ``benchmark.json``."""
        return json_text({"format": CARD_FORMAT, **asdict(self)})

    @classmethod
    def parse(cls, text: str, *, path: str) -> "BenchmarkCard":
        """Read the text of the file, without checking what it says.

        Raises:
            FormatError: not a card.
        """
        content = parse_json(text, path)
        if not isinstance(content, dict) or content.pop("format", None) != CARD_FORMAT:
            message = "not the card of a result"
            raise FormatError(message, path=path, expected=f"format {CARD_FORMAT}")
        known = {f.name for f in fields(cls)}
        if set(content) != known or not isinstance(content["runs"], list):
            odd = ", ".join(sorted(set(content) ^ known)) or "runs"
            message = f"not the card of a result: {odd} is missing, unknown or of another type"
            raise FormatError(message, path=path, expected=", ".join(sorted(known)))
        return cls(**content)

    def results(self, *, path: str = "card") -> list[Result]:
        """Return the runs as results.

        Raises:
            FormatError: a run is none.
        """
        shared = {"model": self.model, "pipeline": self.pipeline, "code": self.code}
        return [
            Result.from_dict({"task": self.task, **shared, **run}, path=f"{path} run {at}")
            for at, run in enumerate(self.runs)
        ]


def make_card(
    task: TaskRecord,
    reference: Reference,
    results: Sequence[Result],
    *,
    rounds: Sequence[str],
    date: str,
) -> BenchmarkCard:
    """Return the card of some runs of one model on a task.

    Args:
        task: the task.
        reference: the line that cites it.
        results: the runs, of several seeds, and of all rounds of a cross-validation.
        rounds: names of the task's rounds.
        date: when, UTC, ISO 8601.

    Raises:
        InvalidInput: no runs; runs of another task, of several models or pipelines, or of other
            classes; a run twice or a round missing.
    """
    _check_runs(task, results, rounds)
    of_seeds, of_rounds = _spreads(task.metric, results)
    first = results[0]
    card = BenchmarkCard(
        task=str(reference),
        task_digest=task.digest,
        over=[
            {
                "dataset": part.dataset,
                "version": part.version or reference.version,
                "split": part.split,
                "digest": part.split_digest,
            }
            for part in task.parts
        ],
        classes=len(task.classes),
        metric=task.metric,
        model=dict(first.model),
        pipeline=first.pipeline,
        pipeline_digest=stages_fingerprint(first.pipeline),
        code=dict(first.code),
        runs=[_run(r) for r in sorted(results, key=lambda r: (rounds.index(r.round), r.seed))],
        value=asdict(of_seeds),
        over_rounds=None if of_rounds is None else asdict(of_rounds),
        date=date,
    )
    # What is written is what is read back, so that the digest is of the same content.
    card = BenchmarkCard.parse(card.text(), path="card")
    return replace(card, digest=card.content_digest)


def _run(result: Result) -> dict[str, Any]:
    return {
        "round": result.round,
        "seed": result.seed,
        "confusion": result.confusion,
        "metrics": dict(result.metrics),
    }


def _spreads(metric: str, results: Sequence[Result]) -> tuple[Spread, Spread | None]:
    values = {(r.round, r.seed): r.value(metric) for r in results}
    rounds = list(dict.fromkeys(r for r, _ in values))
    seeds = sorted({s for _, s in values})
    of_seeds = spread_of([spread_of([values[r, s] for r in rounds]).mean for s in seeds])
    if len(rounds) == 1:
        return of_seeds, None
    return of_seeds, spread_of([spread_of([values[r, s] for s in seeds]).mean for r in rounds])


def _check_runs(task: TaskRecord, results: Sequence[Result], rounds: Sequence[str]) -> None:
    if not results:
        message = "a card of no runs"
        raise InvalidInput(message, hint="give the result of a run")
    for result in results:
        wrong = _wrong_run(task, result, rounds, results[0])
        if wrong:
            of_round = f", round {result.round!r}" if result.round else ""
            message = f"run of seed {result.seed}{of_round}: {wrong}"
            raise InvalidInput(message, hint="a card is of one model on one task")
    found = [(r.round, r.seed) for r in results]
    twice = next((pair for pair in found if found.count(pair) > 1), None)
    if twice is not None:
        message = f"two runs of seed {twice[1]}" + (f", round {twice[0]!r}" if twice[0] else "")
        raise InvalidInput(message, hint="give each run once")
    lacking = [(r, s) for s in sorted({s for _, s in found}) for r in rounds if (r, s) not in found]
    if lacking:
        message = f"no run of round {lacking[0][0]!r} with seed {lacking[0][1]}"
        hint = "a cross-validation counts whole: run every round with every seed"
        raise InvalidInput(message, hint=hint)


def _wrong_run(task: TaskRecord, result: Result, rounds: Sequence[str], first: Result) -> str:
    """Return what is wrong with a run, or nothing."""
    cited = parse_reference(result.task)
    if not task.digest.startswith(str(cited.digest)):
        return f"it is of the task {result.task}, not #{task.digest[:SHORT_DIGEST]}"
    if result.round not in rounds:
        return f"the task has no such round (it has: {', '.join(rounds) or 'one'})"
    if result.model != first.model:
        return "it is of another model"
    if result.pipeline != first.pipeline:
        return "its events went through another pipeline"
    fixed = task.pipeline_fingerprint
    if fixed is not None and stages_fingerprint(result.pipeline) != fixed:
        return f"the task fixes the pipeline {fixed[:SHORT_DIGEST]}, the run had another"
    n = len(task.classes)
    if result.confusion is not None and len(result.confusion) != n:
        return f"it has {len(result.confusion)} classes, the task {n}"
    return ""
