"""How robust trained runs are: accuracy over mismatch, jitter and lost events, by recipe."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from catalog.splits.split import Split
from eventstore.errors import InvalidInput
from eventstore.loader import Loader
from eventstore.transforms.drop import DropEvents
from eventstore.transforms.jitter import JitterTime
from eventstore.transforms.pipeline import Pipeline
from snn.recipe import Recipe
from snn.robustness.curves import Curve, event_curve, mismatch_curve
from snn.robustness_of_runs.options import ReportOptions
from snn.task_data import EVALUATION_BATCH, InTurn, TrainedOn
from snn.tasks import Run, loaders_for, samples_for

REPORT_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeCurves:
    """Curves of the runs of one recipe.

    Args:
        recipe: its name, with the start of its digest where others have the same name.
        digest: digest of the recipe, the seed aside.
        method: how it was trained, such as ``noisy-forward``; None: plainly.
        runs: folders of its runs, one for each seed.
        mismatch: accuracy over sigma.
        jitter: accuracy over the jitter of events.
        drop: accuracy over the share of events lost.
    """

    recipe: str
    digest: str
    method: str | None
    runs: tuple[str, ...]
    mismatch: Curve
    jitter: Curve
    drop: Curve

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessReport:
    """How accuracy falls with mismatch, jitter and lost events.

    Args:
        task: reference of what was tested on, with its digest.
        fold: its fold.
        options: what was tried.
        recipes: curves of each recipe.
    """

    task: str
    fold: str
    options: ReportOptions
    recipes: tuple[RecipeCurves, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "format_version": REPORT_FORMAT,
            "task": self.task,
            "fold": self.fold,
            "options": self.options.to_dict(),
            "recipes": [one.to_dict() for one in self.recipes],
        }


OnPart: TypeAlias = Callable[[str], None]


def robustness_report(
    runs: Sequence[Run],
    data: TrainedOn,
    *,
    fold: str = "test",
    options: ReportOptions | None = None,
    on_part: OnPart | None = None,
) -> RobustnessReport:
    """Test trained runs under mismatch, jitter and loss of events; runs of one recipe together.

    Args:
        runs: the runs, of one or several recipes; of each at best three seeds or more.
        data: a split, or a round of a task.
        fold: fold of the split, or role in the task.
        options: what to try; None: the usual.
        on_part: called with what comes next, for progress.

    Raises:
        InvalidInput: there is no run, one comes twice, or the data has other classes or frames.
        NotFound: there is no such fold or role.
    """
    options = options or ReportOptions()
    groups = _by_recipe(runs)
    tested = {run.folder: _loaders(run, data, fold, options.limit) for run in runs}
    curves = []
    for name, group in groups.items():
        said = on_part or (lambda _: None)
        curves.append(_curves(name, group, tested, options, said))
    return RobustnessReport(
        task=str(data.reference), fold=fold, options=options, recipes=tuple(curves)
    )


def check_runs(
    runs: Sequence[Run], data: TrainedOn, *, fold: str = "test", options: ReportOptions
) -> dict[str, int]:
    """Refuse what `robustness_report` would, and return how many runs there are of each recipe."""
    for run in runs:
        _loaders(run, data, fold, options.limit)
    return {name: len(group) for name, group in _by_recipe(runs).items()}


def _by_recipe(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Return runs by recipe, named so that two recipes of one name are told apart."""
    if not runs:
        message = "no run to report on"
        raise InvalidInput(message, hint="give the folder of at least one")
    folders = [run.folder.resolve() for run in runs]
    for folder in folders:
        if folders.count(folder) > 1:
            message = f"run {folder} is given twice"
            raise InvalidInput(message, hint="name each run once: it would count twice in the mean")
    by_digest: dict[str, list[Run]] = {}
    for run in runs:
        by_digest.setdefault(_digest(run), []).append(run)
    names = [group[0].recipe.name for group in by_digest.values()]
    return {
        name if names.count(name) == 1 else f"{name} ({digest[:8]})": group
        for name, (digest, group) in zip(names, by_digest.items(), strict=True)
    }


def _digest(run: Run) -> str:
    return run.recipe.with_seed(0).digest


def _loaders(run: Run, data: TrainedOn, fold: str, limit: int) -> list[Loader]:
    if isinstance(data, Split):
        return [samples_for(run, data, fold, limit=limit)]
    if limit:
        message = f"limit={limit}, and {data.reference} is no split"
        raise InvalidInput(message, hint="a task is tested on whole: leave the limit out")
    return list(loaders_for(run, data, fold).loaders)


def _curves(
    name: str,
    runs: Sequence[Run],
    tested: Mapping[Path, Sequence[Loader]],
    options: ReportOptions,
    said: OnPart,
) -> RecipeCurves:
    models = [run.model for run in runs]

    def disturbed(stage_of: Callable[[float], Any]) -> Callable[[int, float, int], InTurn]:
        return lambda i, strength, draw: InTurn(
            list(_disturbed(tested[runs[i].folder], stage_of(strength), options.seed + draw))
        )

    said(f"{name}: mismatch")
    networks = [(run.model, InTurn(tested[run.folder])) for run in runs]
    mismatch = mismatch_curve(
        networks, options.mismatches, n_draws=options.n_draws, seed=options.seed
    )
    said(f"{name}: jitter")
    n_draws = options.n_event_draws
    jitter = event_curve(
        models, disturbed(lambda s: JitterTime(sigma_us=s)), options.jitter_us, n_draws=n_draws
    )
    said(f"{name}: lost events")
    drop = event_curve(
        models, disturbed(lambda s: DropEvents(fraction=s)), options.drop, n_draws=n_draws
    )
    return RecipeCurves(
        recipe=name,
        digest=_digest(runs[0]),
        method=_method(runs[0].recipe),
        runs=tuple(str(run.folder) for run in runs),
        mismatch=mismatch,
        jitter=jitter,
        drop=drop,
    )


def _method(recipe: Recipe) -> str | None:
    """Return how a recipe trains, such as ``noisy-forward + synops``; None: plainly."""
    said = recipe.to_dict()
    parts = [said["robust"]["method"]] if "robust" in said else []
    parts += [term["loss"] for term in said.get("activity", ())]
    return " + ".join(parts) or None


def _disturbed(loaders: Sequence[Loader], stage: Any, seed: int) -> Iterator[Loader]:  # noqa: ANN401
    """Yield loaders of the same samples whose events go through one more stage, first."""
    for loader in loaders:
        yield Loader(
            loader.selection,
            Pipeline(stage, *loader.pipeline.stages),
            batch_size=EVALUATION_BATCH,
            shuffle=False,
            seed=seed,
        )
