"""Several runs of one recipe: a folder each, finished ones kept, and their mean and deviation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import fmean
from urllib.parse import quote

from catalog.reference import SHORT_DIGEST
from catalog.tasks.spread import Spread, spread_of
from catalog.tasks.task import TaskRound
from eventstore.errors import AlreadyExists, InvalidInput
from snn.recipe import Recipe
from snn.tasks import Run, load_run


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A run to be trained, or trained already.

    Args:
        data: what to train and test on.
        recipe: the recipe, with the run's seed.
        folder: the run's folder.
    """

    data: TaskRound
    recipe: Recipe
    folder: Path

    @property
    def title(self) -> str:
        """What tells it from the others."""
        return f"{self.data.name} seed {self.recipe.training.seed}".strip()

    def begun(self) -> bool:
        """Return whether the folder holds a run, finished or not."""
        return any((self.folder / name).exists() for name in ("last.pt", "run.json"))

    def finished(self) -> Run | None:
        """Return the run if the folder holds it, finished.

        Raises:
            InvalidInput: the folder holds a finished run of another recipe or other data.
        """
        if not (self.folder / "run.json").is_file():
            return None
        run = load_run(self.folder)
        here = {
            "recipe": (run.recipe.name, run.recipe.digest[:SHORT_DIGEST]),
            "data": (run.task, run.round),
        }
        wanted = {
            "recipe": (self.recipe.name, self.recipe.digest[:SHORT_DIGEST]),
            "data": (str(self.data.reference), self.data.name),
        }
        for what, found in here.items():
            if found != wanted[what]:
                then, now = (" ".join(of).strip() for of in (found, wanted[what]))
                message = f"{self.folder} holds a run of other {what}: {then}, not {now}"
                raise InvalidInput(message, hint="choose another folder with --out")
        return run


def plan_runs(
    rounds: Sequence[TaskRound], recipe: Recipe, seeds: Sequence[int], out: Path
) -> tuple[PlannedRun, ...]:
    """Return a run for each round and seed.

    Raises:
        InvalidInput: a seed is there twice.
    """
    twice = sorted({seed for seed in seeds if seeds.count(seed) > 1})
    if twice:
        message = f"seed {twice[0]} is given twice"
        raise InvalidInput(message, hint="one seed makes one run: give each once")
    return tuple(
        PlannedRun(
            data=data,
            recipe=recipe.with_seed(seed),
            folder=round_folder(out, data.name) / f"seed-{seed}",
        )
        for data, seed in product(rounds, seeds)
    )


def check_folders(planned: Sequence[PlannedRun], *, resume: bool) -> None:
    """Refuse, before anything is trained, folders that another training is in.

    Raises:
        AlreadyExists: one holds a run, and going on was not asked for.
        InvalidInput: one holds a finished run of another recipe or other data.
    """
    if resume:
        for one in planned:
            one.finished()
        return
    there = [str(one.folder) for one in planned if one.begun()]
    if there:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        message = f"{there[0]}{more} holds a run already"
        raise AlreadyExists(message, hint="go on with --resume, or choose another folder")


def round_folder(out: Path, name: str) -> Path:
    """Return the folder of a round; signs that no folder could have are escaped.

    Examples:
        >>> round_folder(Path("runs"), "a/b").as_posix()
        'runs/round-a%2Fb'
    """
    return out / f"round-{quote(name, safe='')}" if name else out


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsSummary:
    """Test accuracy of several runs.

    Args:
        spread: over seeds, of each the mean over its rounds.
        seeds: the seeds.
        rounds: the rounds; none where the task is one.
    """

    spread: Spread
    seeds: tuple[int, ...]
    rounds: tuple[str, ...]

    def __str__(self) -> str:
        """Return the sentence for people."""
        rounds = f"{len(self.rounds)} rounds" if self.rounds else ""
        if self.spread.sd is None:
            return f"test accuracy {self.spread.mean:.2%}" + (f" over {rounds}" if rounds else "")
        of_each = f", of each the mean over {rounds}" if rounds else ""
        return (
            f"test accuracy {self.spread.mean:.2%} ± {self.spread.sd:.2%} "
            f"(mean ± sd over {self.spread.n} seeds, sd with n − 1{of_each})"
        )

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return dict(self._values())

    def _values(self) -> Iterator[tuple[str, object]]:
        yield "seeds", list(self.seeds)
        if self.rounds:
            yield "rounds", list(self.rounds)
        yield "n_seeds", self.spread.n
        yield "test_accuracy_mean", self.spread.mean
        yield "test_accuracy_sd", self.spread.sd


def summary_of(runs: Sequence[Run]) -> RunsSummary:
    """Return mean and deviation of the test accuracy over seeds."""
    by_seed: dict[int, list[float]] = {}
    for run in runs:
        by_seed.setdefault(run.seed, []).append(float(run.metrics["accuracy"]))
    return RunsSummary(
        spread=spread_of([fmean(of_seed) for of_seed in by_seed.values()]),
        seeds=tuple(by_seed),
        rounds=tuple(dict.fromkeys(run.round for run in runs if run.round)),
    )
