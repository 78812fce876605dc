"""Train a spiking network: the loop in view, interruptible after any step."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch

from eventstore.errors import InvalidInput
from snn.evaluation import LabelledBatch
from snn.learning import Learner
from snn.memory import keep_freed_memory
from snn.objective import Objective
from snn.processes import joined
from snn.progress import EpochRow, OnEpoch, OnStep
from snn.randomness import own_randomness
from snn.sequential import SpikingSequential
from snn.torch_device import torch_device_named
from snn.train_config import TrainConfig
from snn.train_loader import TrainLoader, check_share
from snn.training_loop import TrainingLoop
from snn.training_state import TrainingState


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainResult:
    """What training came to; the model holds the weights of the epoch chosen.

    Args:
        history: one row per epoch.
        best_epoch: number of the epoch chosen.

    Examples:
        >>> TrainResult(history=(), best_epoch=0).best_epoch
        0
    """

    history: tuple[EpochRow, ...]
    best_epoch: int


def train(
    model: SpikingSequential,
    train_loader: TrainLoader,
    held_out: Iterable[LabelledBatch] | None,
    config: TrainConfig,
    *,
    checkpoint: Path | None = None,
    checkpoint_every: int | None = None,
    resume: bool = False,
    identity: str = "",
    objective: Objective | None = None,
    torch_device: str | torch.device | None = None,
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainResult:
    """Train a network in place, and leave it with the weights of the epoch chosen.

    Loss is the cross-entropy of the output spikes summed over time, with classes or the soft labels
    of a loader with ``mix``. A training that was killed at any moment and is resumed ends with the
    same weights and history, to the bit, as one that was not (on one processor, with the same
    number of threads; sums on a GPU may come in another order each time).

    Under ``torchrun``, all processes train one network: each loader serves its share, made with
    ``rank`` and ``world_size``.

    Args:
        model: the network.
        train_loader: samples to train on.
        held_out: training samples set aside to choose the epoch on; never test samples.
        config: settings.
        checkpoint: file to keep the state in, rewritten after each epoch.
        checkpoint_every: rewrite it also after so many steps; the loader's state must then say
            where it stands inside an epoch, as that of `Loader` does. The training stays the same.
        resume: go on from the checkpoint, where there is one.
        identity: what else makes this training, such as a recipe's digest; a checkpoint of another
            one is refused.
        objective: what to make small instead of the plain cross-entropy, such as a
            `snn.robustness` method; part of the identity, if it is to be checked on resuming.
        torch_device: where to train, such as ``"cuda"``; the network is moved there. None: where it
            is.
        on_step: called after each step, for progress.
        on_epoch: called after each epoch.

    Raises:
        FormatError: the checkpoint lacks something.
        InvalidInput: an epoch is to be chosen on held-out samples and there are none, the
            checkpoint is of other settings or data, an objective comes with label smoothing, or
            there is no such device; or the loader gives other batches than its length says.
        Unreachable: another process of the training does not answer.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore import FramesByBins, Loader, Pipeline
        >>> from eventstore.testing import tiny_selection
        >>> import snn
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> loader = Loader(selection, Pipeline(FramesByBins(n_bins=5)), batch_size=10, seed=0)
        >>> net = snn.SpikingSequential(torch.nn.Flatten(), torch.nn.Linear(96, 3), snn.IAF())
        >>> config = snn.TrainConfig(epochs=2, choose="last")
        >>> result = train(net, loader, None, config)
        >>> [row.epoch for row in result.history], result.best_epoch
        ([0, 1], 1)
    """
    _check_arguments(held_out, config, objective, checkpoint_every)
    keep_freed_memory()
    device = _where(model, torch_device)
    with joined(device) as team, own_randomness(config.seed, team.torch_device, rank=team.rank):
        model.to(team.torch_device)
        check_share(train_loader, team)
        team.share_weights(model)
        steps = max(team.of_all(len(train_loader)))
        learner = Learner(model, config, steps=steps, objective=objective, team=team)
        state = TrainingState(learner, config, identity=identity, team=team)
        loop = TrainingLoop(state, train_loader, steps, keep_in=checkpoint, every=checkpoint_every)
        if resume:
            loop.go_on()
        while not state.over:
            row = loop.run_epoch(held_out, on_step)
            if on_epoch is not None:
                on_epoch(row)
        model.load_state_dict(state.best_weights)
        team.share_weights(model)
    return TrainResult(history=tuple(state.history), best_epoch=state.best_epoch)


def _check_arguments(
    held_out: Iterable[LabelledBatch] | None,
    config: TrainConfig,
    objective: Objective | None,
    checkpoint_every: int | None,
) -> None:
    if held_out is None and config.choose == "held-out":
        message = "no held-out samples to choose the epoch on"
        raise InvalidInput(message, hint='hold out a part of train, or set choose = "last"')
    if objective is not None and config.label_smoothing:
        message = f"label_smoothing={config.label_smoothing} acts on the plain loss alone"
        raise InvalidInput(message, hint="set it to 0 where an objective takes its place")
    if checkpoint_every is not None and checkpoint_every < 1:
        message = f"checkpoint_every={checkpoint_every} is below 1"
        raise InvalidInput(message, hint="give a number of steps, or None: after each epoch")


def _where(model: SpikingSequential, torch_device: str | torch.device | None) -> torch.device:
    if torch_device is None:
        return next(model.parameters()).device
    return torch_device_named(torch_device)
