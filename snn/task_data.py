"""What a training is over: one round of a task, or a split, in one form; and loaders of it."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np

from catalog.splits.holding_out import held_out as hold_out
from catalog.splits.split import Split
from catalog.tasks.task import TaskRound
from eventstore.errors import InvalidInput, NotFound
from eventstore.loader import Loader
from eventstore.loader.batch import Batch
from eventstore.loader.mixture import Mixture
from eventstore.selection import Selection
from snn.processes import Team
from snn.recipe import Recipe

EVALUATION_BATCH = 64

TrainedOn: TypeAlias = Split | TaskRound
"""What `snn.tasks.train_task` takes."""


class InTurn:
    """Batches of several loaders, one loader after the other.

    Args:
        loaders: what to serve from.
    """

    def __init__(self, loaders: Sequence[Loader]) -> None:
        self.loaders = tuple(loaders)

    def __iter__(self) -> Iterator[Batch]:
        """Iterate over all batches of all loaders."""
        for loader in self.loaders:
            yield from loader


def as_round(data: TrainedOn) -> TaskRound:
    """Return what to train and test on; a split is a task of its folds ``train`` and ``test``.

    Raises:
        NotFound: the split has no such folds.
        InvalidInput: there is nothing to train or to test on.
    """
    if isinstance(data, Split):
        return TaskRound(
            name="",
            reference=data.reference,
            label_names=data.label_names,
            train=(data.selection("train"),),
            validation=(),
            test=(data.selection("test"),),
        )
    for role in ("train", "test"):
        if not getattr(data, role):
            message = f"{data.reference} has no samples to {role} on"
            raise InvalidInput(message, hint=f"make a task of another name with --{role} FOLD")
    return data


def selections_for(data: TrainedOn, fold: str, *, limit: int = 0) -> tuple[Selection, ...]:
    """Return a fold of a split, or the samples of a role of a task.

    Args:
        data: a split, or a round of a task.
        fold: fold of the split, or role in the task: ``"train"``, ``"validation"``, ``"test"``.
        limit: take so many samples, spread over all; 0: all.

    Raises:
        NotFound: there is no such fold or role.
    """
    if isinstance(data, Split):
        return _spread((data.selection(fold),), limit)
    roles = {name: getattr(data, name) for name in ("train", "validation", "test")}
    if not roles.get(fold):
        what = f"samples of {data.reference} for"
        raise NotFound.among(what, fold, [name for name, parts in roles.items() if parts])
    return _spread(roles[fold], limit)


def _spread(selections: tuple[Selection, ...], limit: int) -> tuple[Selection, ...]:
    ends = np.cumsum([len(selection) for selection in selections])
    if not 0 < limit < ends[-1]:
        return selections
    taken = np.linspace(0, ends[-1] - 1, limit).astype(np.int64)
    begins = (0, *ends[:-1])
    parts = [taken[(taken >= b) & (taken < e)] - b for b, e in zip(begins, ends, strict=True)]
    pairs = zip(selections, parts, strict=True)
    return tuple(selection.take(part) for selection, part in pairs if len(part))


def check_pipeline(data: TaskRound, recipe: Recipe) -> None:
    """Refuse a recipe whose test samples would be other than those that the task fixes.

    Raises:
        InvalidInput: they would.
    """
    found = recipe.evaluation_pipeline.fingerprint
    if data.pipeline is not None and data.pipeline != found:
        message = (
            f"{data.reference} fixes the transforms {data.pipeline[:16]}; "
            f"recipe {recipe.name!r} has {found[:16]} (random stages aside)"
        )
        hint = "take the task's stages into the recipe: spikelake task show --json lists them"
        raise InvalidInput(message, hint=hint)


def parts_to_choose_by(
    data: TaskRound, recipe: Recipe
) -> tuple[tuple[Selection, ...], tuple[Selection, ...]]:
    """Return what to train on, and what to choose the epoch by; test samples are never in it.

    The task's validation samples choose, where it has some and the recipe chooses at all; else the
    share of the training samples that the recipe holds out.
    """
    if not recipe.held_out:
        return data.train, ()
    if data.validation:
        return data.train, data.validation
    pairs = [hold_out(selection, recipe.held_out) for selection in data.train]
    return tuple(p.kept for p in pairs), tuple(p.held_out for p in pairs if len(p.held_out))


def training_loader(
    selections: Sequence[Selection], recipe: Recipe, *, team: Team | None = None
) -> Loader | Mixture:
    """Return a loader over training samples; batches of several datasets come in random order.

    Args:
        selections: the samples.
        recipe: the recipe. Its batch size is that of a step, which processes deal out among
            themselves: so it trains the same on any number of them.
        team: the processes that train together; None: one.

    Raises:
        InvalidInput: the batch size is not divisible by the number of processes, or the datasets
            give frames of several shapes.
    """
    rank, size = (0, 1) if team is None else (team.rank, team.size)
    if recipe.batch_size % size:
        message = f"batch_size={recipe.batch_size} cannot be dealt out to {size} processes"
        hint = "the recipe's batch is that of all processes; start a number that divides it"
        raise InvalidInput(message, hint=hint)
    loaders = [
        Loader(
            selection,
            recipe.pipeline,
            batch_size=recipe.batch_size // size,
            seed=recipe.training.seed,
            mix=recipe.mix,
            rank=rank,
            world_size=size,
            pin_memory=team is not None and team.torch_device.type == "cuda",
        )
        for selection in selections
        if len(selection)
    ]
    common_shape(loaders)
    return loaders[0] if len(loaders) == 1 else Mixture(loaders, seed=recipe.training.seed)


def evaluation_loader(selection: Selection, recipe: Recipe) -> Loader:
    """Return a loader over all samples in order, without augmentation."""
    return Loader(selection, recipe.evaluation_pipeline, batch_size=EVALUATION_BATCH, shuffle=False)


def evaluation_loaders(selections: Sequence[Selection], recipe: Recipe) -> InTurn:
    """Return a loader over all samples of all datasets in order, without augmentation."""
    return InTurn([evaluation_loader(selection, recipe) for selection in selections])


def common_shape(loaders: Sequence[Loader]) -> tuple[int, ...]:
    """Return the shape of the frames that all loaders give, see `frame_shape`.

    Raises:
        InvalidInput: they give several.
    """
    shapes = [frame_shape(loader) for loader in loaders]
    if len(set(shapes)) > 1:
        message = f"the datasets give frames of {' and '.join(map(str, dict.fromkeys(shapes)))}"
        raise InvalidInput(message, hint="add Resize to the pipeline; of channels BinChannels")
    return shapes[0]


def frame_shape(loader: Loader) -> tuple[int, ...]:
    """Return the shape of one frame of a loader: ``(C, H, W)`` of images, ``(C,)`` of rasters."""
    return tuple(size for size in loader.sample_shape[1:] if size is not None)
