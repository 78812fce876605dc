"""How to train: one frozen value, part of every run's record."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias

from eventstore.errors import InvalidInput, NotFound

Optimiser: TypeAlias = Literal["adam", "adamw"]
Schedule: TypeAlias = Literal["one-cycle", "cosine", "constant"]
Choose: TypeAlias = Literal["held-out", "last"]
Precision: TypeAlias = Literal["float32", "bfloat16", "float16"]

ADDED = ("patience", "warmup_epochs", "precision")
"""Settings left out of `TrainConfig.to_dict` where they are not used, so that recipes without them
keep the digest they had before there were any."""


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
        warmup_epochs: epochs over which the learning rate rises to its highest, in a straight line;
            of ``"cosine"`` and ``"constant"``, since ``"one-cycle"`` warms up by itself.
        patience: end the training when so many epochs in a row have not bettered the accuracy on
            held-out samples. The schedule stays that of all ``epochs``: it is cut short, not drawn
            together. None: train all epochs.
        precision: what the network computes in while training, ``"float32"``, or with weights and
            sums in float32, matrix products and convolutions in ``"bfloat16"`` or, on GPUs,
            ``"float16"`` with a scaled loss. Evaluation is always in float32.
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
    warmup_epochs: float = 0.0
    patience: int | None = None
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        """Refuse settings that are out of range, unknown, or at odds with each other."""
        self._check_ranges()
        self._check_names()
        if self.warmup_epochs and self.schedule == "one-cycle":
            message = f"warmup_epochs={self.warmup_epochs} with the schedule 'one-cycle'"
            raise InvalidInput(message, hint='that one warms up by itself; use "cosine"')
        if self.patience is not None and self.choose != "held-out":
            message = f"patience={self.patience} and choose={self.choose!r}"
            hint = 'what ends the training is held-out samples: set choose = "held-out"'
            raise InvalidInput(message, hint=hint)

    def _check_ranges(self) -> None:
        whole = type(self.epochs) is int and self.epochs >= 1
        patient = self.patience is None or (type(self.patience) is int and self.patience >= 1)
        for name, fine, must in (
            ("epochs", whole, "a whole number from 1; 25 is a good start"),
            ("learning_rate", 0 < self.learning_rate < math.inf, "positive; try 0.003"),
            ("weight_decay", 0 <= self.weight_decay < math.inf, "0 or more; try 0.01"),
            ("label_smoothing", 0 <= self.label_smoothing <= 1, "between 0 and 1; 0: none"),
            ("warmup_epochs", 0 <= self.warmup_epochs < self.epochs, "0 or more, below epochs"),
            ("patience", patient, "a whole number from 1, or None"),
            ("clip_norm", self.clip_norm is None or self.clip_norm > 0, "positive, or None"),
        ):
            if not fine:
                message = f"{name}={getattr(self, name)!r} is out of range"
                raise InvalidInput(message, hint=f"it must be {must}")

    def _check_names(self) -> None:
        for name, value, known in (
            ("optimiser", self.optimiser, ("adam", "adamw")),
            ("schedule", self.schedule, ("one-cycle", "cosine", "constant")),
            ("choose", self.choose, ("held-out", "last")),
            ("precision", self.precision, ("float32", "bfloat16", "float16")),
        ):
            if value not in known:
                message = f"{name}={value!r} is unknown"
                raise InvalidInput(message, hint=f"use one of {', '.join(map(repr, known))}")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, without those of `ADDED` that are not used."""
        unused = {f.name: f.default for f in fields(self) if f.name in ADDED}
        values = asdict(self)
        return {k: v for k, v in values.items() if k not in unused or v != unused[k]}

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
