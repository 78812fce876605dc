"""Train a recipe on a split and keep the run: what was trained on what, and how well it did."""

import csv
import io
import json
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from catalog.splits.holding_out import held_out as hold_out
from catalog.splits.split import Split
from eventstore.durable import DurableFolder
from eventstore.errors import AlreadyExists, FormatError, InvalidInput, NotFound, SpikelakeError
from eventstore.loader import Loader
from eventstore.selection import Selection
from snn.checkpoint import load_checkpoint, save_checkpoint
from snn.evaluation import Evaluation, evaluate
from snn.recipe import Recipe
from snn.sequential import SpikingSequential
from snn.training import EpochRow, OnEpoch, TrainResult, train

RUN_FORMAT = 1
EVALUATION_BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """A finished training, as kept in its folder.

    Args:
        folder: holds ``run.json``, ``history.csv``, ``best.pt`` and ``last.pt``.
        recipe: the recipe, with the seed of this run.
        task: the reference of the split it was trained on, with its digest.
        label_names: classes, in the order of the output neurons.
        input_shape: shape ``(C, H, W)`` of a frame.
        model: the network, with the weights of the epoch chosen.
        result: history and the epoch chosen.
        metrics: what the test fold gave, once, with that epoch; plain values.
    """

    folder: Path
    recipe: Recipe
    task: str
    label_names: tuple[str, ...]
    input_shape: tuple[int, int, int]
    model: SpikingSequential
    result: TrainResult
    metrics: dict[str, Any]

    @property
    def seed(self) -> int:
        """The seed of this run."""
        return self.recipe.training.seed


def train_task(
    split: Split,
    recipe: Recipe,
    out_dir: Path,
    *,
    resume: bool = False,
    on_epoch: OnEpoch | None = None,
) -> Run:
    """Train on the ``train`` fold, then evaluate once on ``test``.

    The epoch is chosen on a part of ``train`` held out, the same for every seed.

    Args:
        split: the split; its reference and digest go into the run.
        recipe: the recipe; ``with_seed`` gives it another seed.
        out_dir: folder of the run.
        resume: go on where an interrupted run of this folder stopped.
        on_epoch: called after each epoch.

    Raises:
        AlreadyExists: the folder holds a run, and resuming was not asked for.
        InvalidInput: the checkpoint there is of another recipe, seed or split.
    """
    last = out_dir / "last.pt"
    if not resume and (last.exists() or (out_dir / "run.json").exists()):
        message = f"{out_dir} holds a run already"
        raise AlreadyExists(message, hint="go on with --resume, or choose another folder")
    fold = split.selection("train")
    kept, aside = hold_out(fold, recipe.held_out) if recipe.held_out else (fold, None)
    loader = Loader(
        kept,
        recipe.pipeline,
        batch_size=recipe.batch_size,
        seed=recipe.training.seed,
        mix=recipe.mix,
    )
    input_shape = frame_shape(loader)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.training.seed)
        model = recipe.build_model(len(split.label_names), input_shape)
    result = train(
        model,
        loader,
        None if aside is None else evaluation_loader(aside, recipe),
        recipe.training,
        checkpoint=last,
        resume=resume,
        identity=recipe.digest,
        on_epoch=on_epoch,
    )
    found = evaluate(model, evaluation_loader(split.selection("test"), recipe))
    run = Run(
        folder=out_dir,
        recipe=recipe,
        task=str(split.reference),
        label_names=split.label_names,
        input_shape=input_shape,
        model=model,
        result=result,
        metrics=found.to_dict(),
    )
    _write(run)
    return run


def evaluate_run(run: Run, split: Split, fold: str = "test") -> Evaluation:
    """Evaluate a run on a fold of a split.

    Raises:
        InvalidInput: the split has other classes than the run was trained on.
        NotFound: there is no such fold.
    """
    return evaluate(run.model, samples_for(run, split, fold))


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
    if split.label_names != run.label_names:
        message = f"{split.reference} has classes {split.label_names}, not {run.label_names}"
        raise InvalidInput(message, hint="use a split of the label set the run was trained on")
    selection = split.selection(fold)
    if 0 < limit < len(selection):
        selection = selection.take(np.linspace(0, len(selection) - 1, limit).astype(np.int64))
    loader = evaluation_loader(selection, run.recipe)
    shape = frame_shape(loader)
    if shape != run.input_shape:
        message = f"{split.reference} gives frames of {shape}, the run takes {run.input_shape}"
        raise InvalidInput(message, hint="use a dataset of a sensor of the same size")
    return loader


def evaluation_loader(selection: Selection, recipe: Recipe) -> Loader:
    """Return a loader over all samples in order, without augmentation."""
    return Loader(selection, recipe.evaluation_pipeline, batch_size=EVALUATION_BATCH, shuffle=False)


def frame_shape(loader: Loader) -> tuple[int, int, int]:
    """Return the shape ``(C, H, W)`` of the frames a loader gives.

    Raises:
        InvalidInput: it gives rasters of channels, not images.
    """
    sizes = [size for size in loader.sample_shape[1:] if size is not None]
    if len(sizes) != 3:
        message = f"frames of shape {tuple(sizes)} are no images"
        raise InvalidInput(message, hint="use a recipe for audio")
    return sizes[0], sizes[1], sizes[2]


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
        c, h, w = facts["input_shape"]
        label_names = tuple(facts["label_names"])
        history = tuple(EpochRow(**row) for row in facts["history"])
        result = TrainResult(history=history, best_epoch=facts["best_epoch"])
        task, metrics = facts["task"], facts["test"]
    except (ValueError, KeyError, TypeError) as error:
        message = f"not the record of a run: {error!r}"
        raise FormatError(message, path=record) from error
    model = recipe.build_model(len(label_names), (c, h, w))
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
        input_shape=(c, h, w),
        model=model.eval(),
        result=result,
        metrics=metrics,
    )


def _check_version(found: int, record: Path) -> None:
    if found != RUN_FORMAT:
        message, hint = "run of another version", "use the version of spikelake that wrote it"
        expected = str(RUN_FORMAT)
        raise FormatError(message, path=record, expected=expected, found=str(found), hint=hint)


def _write(run: Run) -> None:
    """Write the run's record last: a folder with ``run.json`` is complete."""
    save_checkpoint(run.folder / "best.pt", {"model": run.model.state_dict()})
    facts = {
        "format_version": RUN_FORMAT,
        "task": run.task,
        "recipe": run.recipe.to_dict(),
        "recipe_digest": run.recipe.digest,
        "label_names": run.label_names,
        "input_shape": run.input_shape,
        "best_epoch": run.result.best_epoch,
        "history": [asdict(row) for row in run.result.history],
        "test": run.metrics,
        "versions": {name: version(name) for name in ("spikelake", "torch", "numpy", "numba")},
        "threads": torch.get_num_threads(),
    }
    folder = DurableFolder(run.folder)
    folder.stage("history.csv", [_csv(run.result.history).encode()])
    folder.settle()
    folder.stage("run.json", [json.dumps(facts, indent=1).encode()])
    folder.settle()


def _csv(history: tuple[EpochRow, ...]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [f.name for f in fields(EpochRow)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in history)
    return text.getvalue()
