"""How right trained runs are on mixed-signal chips that are all a little different, by recipe."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from devices.dynapse.family import Dynapse
from devices.dynapse.mismatch import ChipMismatch
from devices.dynapse.mismatch_curve import accuracy_over_mismatch
from devices.dynapse.net import net_of
from devices.graph import graph_from_model
from eventstore.errors import InvalidInput
from snn.robustness.curves import Curve
from snn.task_data import TrainedOn
from snn.tasks import Run, loaders_for


@dataclass(frozen=True, slots=True, kw_only=True)
class MismatchOptions:
    """What is tried.

    Args:
        sigmas: standard deviations of mismatch, rising, as shares.
        n_chips: chips of each run and sigma.
        only: parameters that deviate, of `devices.dynapse.mismatch.PARAMETERS`; None: all.
        seed: number of the first chip.
        limit: samples to test on, spread over the fold; 0: all.

    Raises:
        InvalidInput: sigmas do not rise from 0 or more, or there is no chip.
        NotFound: there is no such parameter.

    Examples:
        >>> MismatchOptions().sigmas
        (0.0, 0.1, 0.2)
    """

    sigmas: tuple[float, ...] = (0.0, 0.1, 0.2)
    n_chips: int = 20
    only: tuple[str, ...] | None = None
    seed: int = 0
    limit: int = 0

    def __post_init__(self) -> None:
        fine = all(0 <= s <= 1 for s in self.sigmas) and list(self.sigmas) == sorted(
            set(self.sigmas)
        )
        if not fine or not self.sigmas:
            message = f"sigmas {', '.join(f'{s:g}' for s in self.sigmas) or 'none'}"
            raise InvalidInput(message, hint="rising shares of a number up to 1: 0.2 is 20 %")
        if self.n_chips < 1:
            message = f"{self.n_chips} chips are none"
            raise InvalidInput(message, hint="20 give a mean and a band")
        _ = self.mismatch

    @property
    def mismatch(self) -> ChipMismatch:
        """Which parameters deviate."""
        return ChipMismatch(only=self.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeOnChips:
    """Runs of one recipe on chips.

    Args:
        recipe: its name.
        runs: folders of the runs.
        float_accuracy: of each run, in real numbers and without mismatch.
        curve: accuracy over mismatch, weights in four bits.
        n_samples: what was tested on.
    """

    recipe: str
    runs: tuple[str, ...]
    float_accuracy: tuple[float, ...]
    curve: Curve
    n_samples: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "recipe": self.recipe,
            "runs": list(self.runs),
            "n_samples": self.n_samples,
            "float_accuracy": list(self.float_accuracy),
            "curve": [point.to_dict() for point in self.curve],
        }


def runs_on_chips(
    runs: Sequence[Run],
    data: TrainedOn,
    fold: str,
    chip: Dynapse,
    options: MismatchOptions | None = None,
) -> list[RecipeOnChips]:
    """Test runs on chips drawn at random, those of one recipe together.

    Weights are in four bits and neurons of a core share their bias currents, as the chip has it;
    then every current of every neuron and every synapse deviates. Runs of two recipes meet the same
    chips, run by run.

    Args:
        runs: the runs; each brings the pipeline of its recipe.
        data: a split, or a round of a task.
        fold: fold of the split, or role in the task.
        chip: the chip.
        options: what is tried.

    Raises:
        DoesNotFit: a network breaks a rule of the chip.
        InvalidInput: there is no run or no sample, or a network is of other neurons.
    """
    if not runs:
        message = "no run to test"
        raise InvalidInput(message, hint="name folders that `spikelake train` left")
    asked = options or MismatchOptions()
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.recipe.with_seed(0).digest, []).append(run)
    return [_on_chips(group, data, fold, chip, asked) for group in groups.values()]


def _on_chips(
    runs: Sequence[Run], data: TrainedOn, fold: str, chip: Dynapse, options: MismatchOptions
) -> RecipeOnChips:
    batches = list(loaders_for(runs[0], data, fold, limit=options.limit))
    if not batches:
        message = f"no samples in {fold} of {data.reference}"
        raise InvalidInput(message, hint="check the fold: it may be empty")
    frames = np.concatenate([_padded(b.x.numpy(), batches) for b in batches])
    lengths = np.concatenate([batch.length.numpy() for batch in batches])
    labels = np.concatenate([batch.label.numpy() for batch in batches])
    graphs = [graph_from_model(run.model.cpu(), run.input_shape) for run in runs]
    nets = [chip.quantize(graph).decoded() for graph in graphs]
    curve = accuracy_over_mismatch(
        nets,
        frames,
        labels,
        lengths=lengths,
        sigmas=options.sigmas,
        mismatch=options.mismatch,
        n_chips=options.n_chips,
        seed=options.seed,
    )
    exact = [net_of(graph) for graph in graphs]
    floats = accuracy_over_mismatch(exact, frames, labels, lengths=lengths, sigmas=(0.0,))
    return RecipeOnChips(
        recipe=runs[0].recipe.name,
        runs=tuple(str(run.folder) for run in runs),
        float_accuracy=floats[0].by_network,
        curve=curve,
        n_samples=len(labels),
    )


def _padded(x: np.ndarray, batches: Sequence[Any]) -> np.ndarray:
    """Return frames with as many steps as the longest batch has; ``length`` says which count."""
    longest = max(batch.x.shape[1] for batch in batches)
    return np.pad(x, [(0, 0), (0, longest - x.shape[1])] + [(0, 0)] * (x.ndim - 2))
