r"""Losses of activity as terms of what training makes small.

$$ L = L_{task} + \sum_k \lambda_k L_k $$

with $L_{task}$ the plain loss or that of robust training, and $L_k$ losses of activity.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from torch import Tensor

from eventstore.errors import InvalidInput
from snn.activity_loss import RateLoss, SynopsLoss
from snn.objective import Objective, ScoreFn, natural_loss
from snn.recipe_settings import kind_named, value_of
from snn.sequential import SpikingSequential

ActivityLoss: TypeAlias = SynopsLoss | RateLoss

LOSSES: Mapping[str, type[ActivityLoss]] = {"rates": RateLoss, "synops": SynopsLoss}
"""Losses of activity by the names that recipes use."""

SECTION = "[[activity]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTerm:
    """A loss of activity and its weight beside the loss of the task.

    Args:
        loss: the loss.
        weight: λ, what it is multiplied with.

    Raises:
        InvalidInput: the weight is not positive and finite.

    Examples:
        >>> ActivityTerm(loss=SynopsLoss(target=4e4), weight=0.3).weight
        0.3
    """

    loss: ActivityLoss
    weight: float = 1.0

    def __post_init__(self) -> None:
        number = type(self.weight) in {int, float}
        if not (number and 0 < self.weight < math.inf):
            message = f"weight={self.weight!r} of a loss of activity is no positive number"
            raise InvalidInput(
                message, hint="1.0 is a good start; leave the loss out to do without"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class WithActivity:
    """What training makes small, and losses of activity on top.

    Beside the plain loss they cost no pass of their own. Beside robust training they cost one: of
    the network as it is, without noise, attack or rounding.

    Args:
        terms: losses of activity with their weights.
        objective: loss of the task; None: plain cross-entropy.

    Raises:
        InvalidInput: there is no term.

    Examples:
        >>> import torch
        >>> from torch import nn
        >>> from snn.layers import IAF
        >>> net = SpikingSequential(nn.Linear(3, 2), IAF())
        >>> objective = WithActivity(terms=(ActivityTerm(loss=SynopsLoss(target=12)),))
        >>> x, labels = torch.ones(1, 4, 3), torch.tensor([0])
        >>> loss = objective(net, x, labels, lambda output: output.sum(1))
        >>> added = loss - natural_loss(net(x).sum(1), labels)
        >>> round(added.item(), 5)  # 24 operations, twice the target
        1.0
    """

    terms: Sequence[ActivityTerm]
    objective: Objective | None = None

    def __post_init__(self) -> None:
        if not self.terms:
            message = "no loss of activity is given"
            raise InvalidInput(message, hint="use the objective as it is")

    def __call__(
        self, model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn
    ) -> Tensor:
        """Return the loss of the task plus those of activity."""
        if self.objective is None:
            passages = list(model.walk(x))
            loss = natural_loss(score_fn(passages[-1].y), labels)
        else:
            loss = self.objective(model, x, labels, score_fn)
            passages = list(model.walk(x))
        for term in self.terms:
            loss = loss + term.weight * term.loss(passages)
        return loss


def with_activity(objective: Objective | None, terms: Sequence[ActivityTerm]) -> Objective | None:
    """Return what to make small: the objective as it is where there is no term.

    Examples:
        >>> with_activity(None, ()) is None
        True
    """
    return WithActivity(terms=tuple(terms), objective=objective) if terms else objective


def term_from_dict(values: Mapping[str, Any]) -> ActivityTerm:
    """Return the term of one of a recipe's sections ``[[activity]]``.

    Raises:
        InvalidInput: it names no loss, or a setting is missing, of another type or out of range.
        NotFound: there is no such loss or setting.

    Examples:
        >>> term_from_dict({"loss": "rates", "highest": 0.3, "weight": 2.0}).loss.highest
        0.3
    """
    settings = dict(values)
    weight = settings.pop("weight", 1.0)
    name, kind = kind_named(settings, "loss", LOSSES, section=SECTION)
    loss = value_of(kind, settings, section=SECTION, name=name)
    return ActivityTerm(loss=loss, weight=weight)


def term_to_dict(term: ActivityTerm) -> dict[str, Any]:
    """Return what `term_from_dict` makes this term of.

    Examples:
        >>> term_to_dict(ActivityTerm(loss=RateLoss(highest=0.3)))
        {'loss': 'rates', 'weight': 1.0, 'lowest': 0.0, 'highest': 0.3}
    """
    name = next(name for name, kind in LOSSES.items() if type(term.loss) is kind)
    return {"loss": name, "weight": term.weight, **asdict(term.loss)}
