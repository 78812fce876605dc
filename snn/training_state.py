"""A training under way, and what a checkpoint keeps of it: all that is needed to go on."""

import copy
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import torch
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.checkpoint import Content
from snn.learning import Learner
from snn.processes import Team
from snn.progress import EpochRow
from snn.randomness import check_generator_states, generator_states, set_generator_states
from snn.train_config import TrainConfig

KEPT = (
    "config",
    "identity",
    "torch_device",
    "model",
    "optimiser",
    "schedule",
    "scaler",
    "processes",
    "loader",
    "history",
    "best_epoch",
    "best_weights",
)
"""What a checkpoint holds."""


@dataclass(slots=True, kw_only=True)
class EpochUnderWay:
    """How far an epoch is, and its sums so far.

    Args:
        sums: the samples' losses, and how many were right; they stay where the network is.
        step: steps done.
        samples: samples trained on.
        wait_seconds: time spent waiting for the loader.
        seconds: time of the epoch before this process took it up.
    """

    sums: Tensor
    step: int = 0
    samples: int = 0
    wait_seconds: float = 0.0
    seconds: float = 0.0
    began: float = field(default_factory=time.perf_counter)

    @classmethod
    def at_start(cls, torch_device: torch.device) -> "EpochUnderWay":
        """Return an epoch that begins now."""
        return cls(sums=torch.zeros(2, dtype=torch.float64, device=torch_device))

    @property
    def elapsed(self) -> float:
        """Seconds of the epoch so far, without those between an interruption and going on."""
        return self.seconds + time.perf_counter() - self.began

    def add(self, n: int, loss: Tensor, hits: Tensor) -> None:
        """Add a step."""
        self.step, self.samples = self.step + 1, self.samples + n
        # A new tensor: reports of steps keep the one of theirs.
        self.sums = self.sums + torch.stack([loss.double() * n, hits.double()])

    def content(self) -> Content:
        """Return what to keep."""
        return {
            "sums": self.sums.cpu(),
            "step": self.step,
            "samples": self.samples,
            "wait_seconds": self.wait_seconds,
            "seconds": self.elapsed,
        }

    @classmethod
    def of(cls, content: Mapping[str, Any], torch_device: torch.device) -> "EpochUnderWay":
        """Return the epoch that was kept, taken up now."""
        return cls(**{**content, "sums": content["sums"].to(torch_device)})


class TrainingState:
    """What changes while training: weights, optimiser, randomness, sums, and the best so far.

    Args:
        learner: the network and its optimiser.
        config: settings.
        identity: what else makes this training.
        team: the processes that train together.
    """

    def __init__(self, learner: Learner, config: TrainConfig, *, identity: str, team: Team) -> None:
        self.learner, self.config, self.identity, self.team = learner, config, identity, team
        self.history: list[EpochRow] = []
        self.best_epoch = -1
        self.best_weights: dict[str, Tensor] = {}
        self.under_way = EpochUnderWay.at_start(learner.torch_device)

    @property
    def epoch(self) -> int:
        """The epoch under way, or the one that comes next."""
        return len(self.history)

    @property
    def over(self) -> bool:
        """Whether all epochs are done, or patience is at its end."""
        patience = self.config.patience
        tired = patience is not None and epochs_without_gain(self.history) >= patience
        return tired or self.epoch >= self.config.epochs

    def finish_epoch(self, row: EpochRow) -> None:
        """Remember what the epoch came to, and the weights if they are the best."""
        best = self.history[self.best_epoch] if self.best_epoch >= 0 else None
        self.history.append(row)
        if self.config.choose == "last" or best is None or _rank(row) >= _rank(best):
            self.best_epoch = row.epoch
            self.best_weights = copy.deepcopy(self.learner.model.state_dict())
        self.under_way = EpochUnderWay.at_start(self.learner.torch_device)

    def content(self, loader: Mapping[str, Any]) -> Content:
        """Return what a checkpoint keeps; all processes take part in it.

        Args:
            loader: where the loader stands.
        """
        device = self.learner.torch_device
        own = {"randomness": generator_states(device), "epoch": self.under_way.content()}
        return {
            "config": asdict(self.config),
            "identity": self.identity,
            "torch_device": device.type,
            "model": self.learner.model.state_dict(),
            "optimiser": self.learner.optimiser.state_dict(),
            "schedule": self.learner.schedule.state_dict(),
            "scaler": self.learner.scaler.state_dict(),
            "processes": self.team.of_all(own),
            "loader": dict(loader),
            "history": [asdict(row) for row in self.history],
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }

    def check(self, content: Content) -> None:
        """Refuse the state of another training, before anything is changed.

        Raises:
            InvalidInput: it is of other settings, another recipe, network or machinery.
            KeyError: it lacks something.
        """
        for name in KEPT:
            if name not in content:
                raise KeyError(name)
        was = TrainConfig.from_dict(content["config"])
        for name in (f.name for f in fields(was)):
            then, now = getattr(was, name), getattr(self.config, name)
            if then != now:
                message = f"the checkpoint was trained with {name}={then!r}, not {now!r}"
                raise InvalidInput(message, hint="resume with the same settings, or train anew")
        if content["identity"] != self.identity:
            message = "the checkpoint was trained with another recipe"
            raise InvalidInput(message, hint="resume with the same recipe, or train anew")
        self._check_machinery(content)
        best, n_epochs = content["best_epoch"], len(content["history"])
        if not -1 <= best < n_epochs:
            message = f"best epoch {best} of {n_epochs}"
            raise InvalidInput(message, hint="remove the checkpoint and train anew")
        mine = self.learner.model.state_dict()
        _check_weights(content["model"], mine)
        if best >= 0:
            _check_weights(content["best_weights"], mine)
        for row in content["history"]:
            EpochRow(**row)

    def _check_machinery(self, content: Content) -> None:
        device, processes = self.learner.torch_device, content["processes"]
        for then, now in (
            (f"on {content['torch_device']!r}", f"on {device.type!r}"),
            (f"by {_counted(len(processes))}", f"by {_counted(self.team.size)}"),
        ):
            if then != now:
                message = f"the checkpoint was trained {then}, not {now}"
                hint = "resume as it was begun: else the weights would not be the same"
                raise InvalidInput(message, hint=hint)
        own = processes[self.team.rank]
        check_generator_states(own["randomness"], device)
        EpochUnderWay.of(own["epoch"], device)

    def restore(self, content: Content) -> None:
        """Go on from such a state, one that `check` has let through."""
        learner, device = self.learner, self.learner.torch_device
        learner.model.load_state_dict(content["model"])
        learner.optimiser.load_state_dict(content["optimiser"])
        learner.schedule.load_state_dict(content["schedule"])
        learner.scaler.load_state_dict(content["scaler"])
        self.history = [EpochRow(**row) for row in content["history"]]
        self.best_epoch = content["best_epoch"]
        self.best_weights = {k: v.to(device) for k, v in content["best_weights"].items()}
        own = content["processes"][self.team.rank]
        self.under_way = EpochUnderWay.of(own["epoch"], device)
        set_generator_states(own["randomness"], device)


def epochs_without_gain(history: list[EpochRow]) -> int:
    """Return how many epochs ago the accuracy on held-out samples was last bettered.

    An epoch that is as good as the best is none that is better, though it is the one chosen.
    """
    ranks = [_rank(row) for row in history]
    return len(ranks) - 1 - ranks.index(max(ranks)) if ranks else 0


def _rank(row: EpochRow) -> float:
    return -1.0 if row.held_out_accuracy is None else row.held_out_accuracy


def _counted(n: int) -> str:
    return f"{n} process" if n == 1 else f"{n} processes"


def _check_weights(found: Mapping[str, Tensor], mine: Mapping[str, Tensor]) -> None:
    """Refuse weights that the network could not take."""
    for name in sorted(found.keys() | mine.keys()):
        there, here = (
            f"{tuple(w[name].shape)} {w[name].dtype}" if name in w else "absent"
            for w in (found, mine)
        )
        if there != here:
            message = f"the checkpoint is of another network: {name} is {there} there, {here} here"
            raise InvalidInput(message, hint="resume with the same network, or train anew")
