"""How to train: one frozen value, part of every run's record."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias

from eventstore.errors import InvalidInput, NotFound

Optimiser: TypeAlias = Literal["adam", "adamw"]
Schedule: TypeAlias = Literal["one-cycle", "cosine", "constant"]
Choose: TypeAlias = Literal["held-out", "last"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Settings of training.

    Args:
        epochs: passes over the training samples.
        learning_rate: its highest value.
        weight_decay: pull of the weights towards zero, per step and learning rate.
        optimiser: ``"adamw"`` or ``"adam"``.
        schedule: ``"one-cycle"`` warms up and anneals, ``"cosine"`` anneals, ``"constant"``.
        clip_norm: longest gradient; longer ones are scaled down. None: as they are.
        label_smoothing: share of the target spread over all classes.
        choose: which epoch's weights to keep: the best on ``"held-out"`` training samples (the
            later one of equals), or the ``"last"``.
        seed: of weights, order, augmentation and dropout.

    Raises:
        InvalidInput: a number is out of range or a name unknown.

    Examples:
        >>> TrainConfig(epochs=3).to_dict()["learning_rate"]
        0.003
    """

    epochs: int = 25
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    optimiser: Optimiser = "adamw"
    schedule: Schedule = "one-cycle"
    clip_norm: float | None = 1.0
    label_smoothing: float = 0.0
    choose: Choose = "held-out"
    seed: int = 0

    def __post_init__(self) -> None:
        whole = type(self.epochs) is int and self.epochs >= 1
        for name, fine, must in (
            ("epochs", whole, "a whole number from 1; 25 is a good start"),
            ("learning_rate", 0 < self.learning_rate < math.inf, "positive; try 0.003"),
            ("weight_decay", 0 <= self.weight_decay < math.inf, "0 or more; try 0.01"),
            ("label_smoothing", 0 <= self.label_smoothing <= 1, "between 0 and 1; 0: none"),
            ("clip_norm", self.clip_norm is None or self.clip_norm > 0, "positive, or None"),
        ):
            if not fine:
                message = f"{name}={getattr(self, name)!r} is out of range"
                raise InvalidInput(message, hint=f"it must be {must}")
        for name, value, known in (
            ("optimiser", self.optimiser, ("adam", "adamw")),
            ("schedule", self.schedule, ("one-cycle", "cosine", "constant")),
            ("choose", self.choose, ("held-out", "last")),
        ):
            if value not in known:
                message = f"{name}={value!r} is unknown"
                raise InvalidInput(message, hint=f"use one of {', '.join(map(repr, known))}")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainConfig":
        """Return the settings that `to_dict` or a recipe wrote.

        Raises:
            NotFound: there is no such setting.
        """
        known = {field.name for field in fields(cls)}
        for name in values:
            if name not in known:
                what = "training setting"
                raise NotFound.among(what, name, known)
        return cls(**values)
