"""Train a recipe on a task and keep the run: what was trained on what, and how well it did."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from catalog.splits.split import Split
from catalog.tasks.code_state import commit_of
from catalog.tasks.result import Result
from catalog.tasks.task import TaskRound
from eventstore.durable import DurableFolder
from eventstore.errors import AlreadyExists, FormatError, InvalidInput, NotFound, SpikelakeError
from eventstore.loader import Loader, Mixture
from snn.checkpoint import load_checkpoint, save_checkpoint
from snn.csv_log import CsvLog
from snn.epoch_log import EpochLog, EpochLogs
from snn.evaluation import Evaluation, evaluate
from snn.processes import Team, joined
from snn.progress import EpochRow, OnEpoch, OnStep
from snn.recipe import Recipe
from snn.sequential import SpikingSequential
from snn.task_data import (
    InTurn,
    TrainedOn,
    as_round,
    check_pipeline,
    common_shape,
    evaluation_loaders,
    frame_shape,
    parts_to_choose_by,
    selections_for,
    training_loader,
)
from snn.torch_device import torch_device_named
from snn.training import TrainResult, train

RUN_FORMAT = 3

HISTORY = "history.csv"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """A finished training, as kept in its folder.

    Args:
        folder: holds ``run.json``, ``history.csv``, ``best.pt`` and ``last.pt``, and of a run on a
            task ``result.json``, which cards of results are made from.
        recipe: the recipe, with the seed of this run.
        task: the reference of the task or split it was trained on, with its digest.
        label_names: classes, in the order of the output neurons.
        input_shape: shape of a frame: ``(C, H, W)`` of an image, ``(C,)`` of a raster.
        model: the network, with the weights of the epoch chosen.
        result: history and the epoch chosen.
        metrics: what the test fold gave, once, with that epoch; plain values.
        round: the fold tested on, of a task that cross-validates; else empty.
        origin: what it was made from, of a run that goes on from another one; else empty.
    """

    folder: Path
    recipe: Recipe
    task: str
    label_names: tuple[str, ...]
    input_shape: tuple[int, ...]
    model: SpikingSequential
    result: TrainResult
    metrics: dict[str, Any]
    round: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """The seed of this run."""
        return self.recipe.training.seed


def train_task(
    data: TrainedOn,
    recipe: Recipe,
    out_dir: Path,
    *,
    resume: bool = False,
    checkpoint_every: int | None = None,
    torch_device: str = "cpu",
    logs: Sequence[EpochLog] = (),
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> Run:
    """Train on the training samples of a task, then evaluate once on its test samples.

    The epoch is chosen on the task's validation samples; where it has none, as a split has, on a
    part of the training samples held out, the same for every seed. Under ``torchrun`` all processes
    train one network, each on its part of the recipe's batch; the first one writes the run.

    Args:
        data: a round of a task, ``task.round()``, or a split with the folds ``train`` and
            ``test``; its reference and digest go into the run.
        recipe: the recipe; ``with_seed`` gives it another seed.
        out_dir: folder of the run.
        resume: go on where an interrupted run of this folder stopped.
        checkpoint_every: keep the state also after so many steps, not only after each epoch.
        torch_device: where to train, ``"cpu"`` or ``"cuda"``.
        logs: where to log epochs beside ``history.csv``, such as a `TensorBoardLog`; each epoch is
            in them once, however often the run was interrupted.
        on_step: called after each step.
        on_epoch: called after each epoch.

    Raises:
        AlreadyExists: the folder holds a run, and resuming was not asked for.
        InvalidInput: the checkpoint there is of another recipe, seed or split, or the task fixes
            other transforms than the recipe's, there is no such device, or the batch cannot be
            dealt out to the processes.
        Unreachable: another process of the training does not answer.
    """
    last = out_dir / "last.pt"
    if not resume and (last.exists() or (out_dir / "run.json").exists()):
        message = f"{out_dir} holds a run already"
        raise AlreadyExists(message, hint="go on with --resume, or choose another folder")
    with joined(torch_device_named(torch_device)) as team:
        run = _train_and_test(
            as_round(data),
            recipe,
            team,
            out_dir=out_dir,
            logs=EpochLogs((CsvLog(out_dir / HISTORY), *logs), last, then=on_epoch),
            resume=resume,
            checkpoint_every=checkpoint_every,
            on_step=on_step,
        )
        if team.is_first:
            if data.reference.task is not None:
                _write_result(run)
            save_run(run)
    return run


def _train_and_test(
    over: TaskRound,
    recipe: Recipe,
    team: Team,
    *,
    out_dir: Path,
    logs: EpochLogs,
    resume: bool,
    checkpoint_every: int | None,
    on_step: OnStep | None,
) -> Run:
    check_pipeline(over, recipe)
    kept, aside = parts_to_choose_by(over, recipe)
    loader = training_loader(kept, recipe, team=team)
    chosen_by, tested = (evaluation_loaders(part, recipe) for part in (aside, over.test))
    given = loader.loaders if isinstance(loader, Mixture) else (loader,)
    input_shape = common_shape([*given, *chosen_by.loaders, *tested.loaders])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.training.seed)
        model = recipe.build_model(len(over.label_names), input_shape)
    with logs:
        result = train(
            model,
            loader,
            chosen_by if aside else None,
            recipe.training,
            checkpoint=out_dir / "last.pt",
            checkpoint_every=checkpoint_every,
            resume=resume,
            identity=recipe.digest,
            objective=recipe.objective,
            torch_device=team.torch_device,
            on_step=on_step,
            on_epoch=logs.on_epoch,
        )
        logs.finish(result.history)
    # The first process tests, and tells the others.
    return Run(
        folder=out_dir,
        recipe=recipe,
        task=str(over.reference),
        label_names=over.label_names,
        input_shape=input_shape,
        model=model,
        result=result,
        metrics=team.of_first(evaluate(model, tested).to_dict() if team.is_first else {}),
        round=over.name,
    )


def evaluate_run(run: Run, data: TrainedOn, fold: str = "test") -> Evaluation:
    """Evaluate a run on a fold of a split, or on the samples of a role of a task.

    Raises:
        InvalidInput: there are other classes or frames than the run was trained on.
        NotFound: there is no such fold or role.
    """
    return evaluate(run.model, loaders_for(run, data, fold))


def loaders_for(run: Run, data: TrainedOn, fold: str, *, limit: int = 0) -> InTurn:
    """Return loaders over a fold of a split, or a role's samples, as a run's network takes them.

    Args:
        run: the run.
        data: a split, or a round of a task.
        fold: fold of the split, or role in the task: ``"test"``.
        limit: take so many samples, spread over all; 0: all.

    Raises:
        InvalidInput: there are other classes or frames than the run was trained on.
        NotFound: there is no such fold or role.
    """
    _check_classes(run, data)
    if not isinstance(data, Split):
        check_pipeline(data, run.recipe)
    loaders = evaluation_loaders(selections_for(data, fold, limit=limit), run.recipe)
    for loader in loaders.loaders:
        _check_shape(run, data, loader)
    return loaders


def samples_for(run: Run, split: Split, fold: str, *, limit: int = 0) -> Loader:
    """Return a loader over a fold's samples as a run's network takes them.

    Args:
        run: the run.
        split: the split.
        fold: its fold.
        limit: take so many samples, spread over the fold; 0: all.

    Raises:
        InvalidInput: the split has other classes or frames than the run was trained on.
        NotFound: there is no such fold.
    """
    (loader,) = loaders_for(run, split, fold, limit=limit).loaders
    return loader


def _check_classes(run: Run, data: TrainedOn) -> None:
    if data.label_names != run.label_names:
        message = f"{data.reference} has classes {data.label_names}, not {run.label_names}"
        raise InvalidInput(message, hint="use a split of the label set the run was trained on")


def _check_shape(run: Run, data: TrainedOn, loader: Loader) -> None:
    shape = frame_shape(loader)
    if shape != run.input_shape:
        message = f"{data.reference} gives frames of {shape}, the run takes {run.input_shape}"
        raise InvalidInput(message, hint="use a dataset of a sensor of the same size")


def load_run(folder: Path) -> Run:
    """Load a run, ready to evaluate or to put on a chip.

    Raises:
        NotFound: the folder holds no finished run.
        FormatError: its record is of another version or damaged.
    """
    record = folder / "run.json"
    if not record.is_file():
        message = f"no finished run in {folder}"
        raise NotFound(message, hint="spikelake train … --resume finishes an interrupted one")
    try:
        facts = json.loads(record.read_text(encoding="utf-8"))
        _check_version(facts["format_version"], record)
        recipe = Recipe.from_dict(facts["recipe"])
        input_shape = tuple(int(size) for size in facts["input_shape"])
        label_names = tuple(facts["label_names"])
        history = tuple(EpochRow(**row) for row in facts["history"])
        result = TrainResult(history=history, best_epoch=facts["best_epoch"])
        task, metrics, of_round = facts["task"], facts["test"], facts.get("round", "")
        origin = facts.get("origin", {})
    except (ValueError, KeyError, TypeError) as error:
        message = f"not the record of a run: {error!r}"
        raise FormatError(message, path=record) from error
    model = recipe.build_model(len(label_names), input_shape)
    weights = folder / "best.pt"
    try:
        model.load_state_dict(load_checkpoint(weights)["model"])
    except (KeyError, TypeError, RuntimeError) as error:
        if isinstance(error, SpikelakeError):
            raise
        message = f"these are not the weights of the network in {record.name}: {error}"
        raise FormatError(message, path=weights, hint="train it again") from error
    return Run(
        folder=folder,
        recipe=recipe,
        task=task,
        label_names=label_names,
        input_shape=input_shape,
        model=model.eval(),
        result=result,
        metrics=metrics,
        round=of_round,
        origin=origin,
    )


def _check_version(found: int, record: Path) -> None:
    if found != RUN_FORMAT:
        message, hint = "run of another version", "use the version of spikelake that wrote it"
        expected = str(RUN_FORMAT)
        raise FormatError(message, path=record, expected=expected, found=str(found), hint=hint)


def save_run(run: Run) -> None:
    """Write a run's weights and record; the record last: a folder with ``run.json`` is complete."""
    save_checkpoint(run.folder / "best.pt", {"model": run.model.state_dict()})
    facts = {
        "format_version": RUN_FORMAT,
        "task": run.task,
        **({"round": run.round} if run.round else {}),
        **({"origin": dict(run.origin)} if run.origin else {}),
        "recipe": run.recipe.to_dict(),
        "recipe_digest": run.recipe.digest,
        "label_names": run.label_names,
        "input_shape": run.input_shape,
        "best_epoch": run.result.best_epoch,
        "history": [asdict(row) for row in run.result.history],
        "test": run.metrics,
        "versions": _versions(),
        "threads": torch.get_num_threads(),
    }
    folder = DurableFolder(run.folder)
    folder.stage("run.json", [json.dumps(facts, indent=1).encode()])
    folder.settle()


def _write_result(run: Run) -> None:
    """Write the result in the form that cards are made from, whatever trained it."""
    commit = commit_of(Path.cwd())
    recipe = run.recipe.with_seed(0)  # runs of several seeds are of one model
    result = Result(
        task=run.task,
        round=run.round,
        seed=run.seed,
        model={
            "name": recipe.name,
            "builder": recipe.model,
            **recipe.model_options,
            "recipe_digest": recipe.digest,
        },
        confusion=run.metrics["confusion"],
        metrics={"accuracy": run.metrics["accuracy"], "loss": run.metrics["loss"]},
        pipeline=json.loads(recipe.evaluation_pipeline.to_json())["stages"],
        code=_versions() | ({"commit": commit} if commit else {}),
    )
    folder = DurableFolder(run.folder)
    folder.stage("result.json", [result.text().encode()])
    folder.settle()


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("spikelake", "torch", "numpy", "numba")}
