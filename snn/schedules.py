r"""How the learning rate goes over a training.

With $w$ steps of warming up and $n$ in all, ``"cosine"`` is at step $k$

$$ \eta_k = \eta \cdot \begin{cases} (k + 1) / (w + 1) & k < w \\
   \tfrac12 (1 + \cos(\pi (k - w) / (n - w))) & k \ge w \end{cases} $$

(Loshchilov and Hutter 2017, without restarts), ``"constant"`` is $\eta$ once it is warm, and
``"one-cycle"`` (Smith and Topin 2018) warms up by itself, over a fifth of the steps.
"""

import math
from functools import partial

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from snn.train_config import TrainConfig


def schedule_of(optimiser: Optimizer, config: TrainConfig, steps: int) -> LRScheduler:
    """Return the schedule of a training, to be stepped after each of its steps.

    Args:
        optimiser: whose learning rate it sets.
        config: settings of the training.
        steps: steps an epoch. The schedule is that of all epochs, also where patience may end the
            training before.
    """
    total = steps * config.epochs
    if config.schedule == "one-cycle":
        # Warming up in exactly one step makes OneCycleLR divide by zero: two of five, then.
        share = 0.4 if total == 5 else 0.2
        return OneCycleLR(optimiser, config.learning_rate, total_steps=total, pct_start=share)
    warm = round(config.warmup_epochs * steps)
    annealed = config.schedule == "cosine"
    return LambdaLR(optimiser, partial(share_of_rate, warm=warm, total=total, annealed=annealed))


def share_of_rate(step: int, *, warm: int, total: int, annealed: bool) -> float:
    """Return what share of the highest learning rate a step is taken with.

    Args:
        step: number of the step, from 0.
        warm: steps of warming up.
        total: steps of the training.
        annealed: whether it falls along a cosine, to 0 after the last step.

    Examples:
        >>> [round(share_of_rate(k, warm=3, total=9, annealed=False), 2) for k in range(5)]
        [0.25, 0.5, 0.75, 1.0, 1.0]
        >>> [round(share_of_rate(k, warm=1, total=5, annealed=True), 2) for k in range(6)]
        [0.5, 1.0, 0.85, 0.5, 0.15, 0.0]
    """
    if step < warm:
        return (step + 1) / (warm + 1)
    if not annealed:
        return 1.0
    return (1 + math.cos(math.pi * min(1.0, (step - warm) / (total - warm)))) / 2
