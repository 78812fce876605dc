"""What a report says: how a model and its integers on a chip compare, layer by layer."""

from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from devices.intervals import PairedDifference
from devices.layer_loss import LayerLoss
from devices.likeness import Likeness
from devices.nodes import Shape
from devices.power import PowerEstimate
from devices.results import CoreUse
from eventstore.findings import Finding

REPORT_FORMAT = 1
"""Version of the JSON form of a report; readers refuse others by it."""


@runtime_checkable
class Samples(Protocol):
    """A batch of samples, as a loader yields it."""

    @property
    def x(self) -> Tensor:
        """Counts of events, ``(B, T, C, H, W)``."""
        ...

    @property
    def label(self) -> Tensor:
        """Class of each sample."""
        ...

    @property
    def length(self) -> Tensor:
        """Number of valid time steps of each sample."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFidelity:
    """One layer in floats and in integers.

    Args:
        name: name of the layer.
        spiking_name: name of its neurons in the model.
        neuron_shape: shape of its neurons.
        use: its core and the words it takes there.
        scale: what its floats were multiplied with.
        threshold: threshold in integers.
        lower_bound: lower bound in integers.
        float_spikes: spikes a sample in the model.
        integer_spikes: spikes a sample in integers, time step by time step.
        event_spikes: spikes a sample in integers, event by event.
        synops: synaptic operations a sample, event by event.
        silent_neurons: neurons that never fired in integers.
        n_neurons: neurons in all.
        rate: spikes a neuron and time step in integers.
        silent: whether no neuron fired in integers.
        saturated: whether neurons fire once a step and more on average.
        integer_likeness: how alike spikes are in the model and in integers, step by step.
        event_likeness: the same, event by event.
        integer_loss: what is lost with this layer alone in integers, step by step; None: not asked.
        event_loss: the same, event by event.
        synops_per_second: synaptic operations of its core while samples follow one another without
            a pause; None: the time of a sample is not known.
    """

    name: str
    spiking_name: str
    neuron_shape: Shape
    use: CoreUse
    scale: float
    threshold: int
    lower_bound: int
    float_spikes: float
    integer_spikes: float
    event_spikes: float
    synops: float
    silent_neurons: int
    n_neurons: int
    rate: float
    silent: bool
    saturated: bool
    integer_likeness: Likeness | None = None
    event_likeness: Likeness | None = None
    integer_loss: LayerLoss | None = None
    event_loss: LayerLoss | None = None
    synops_per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one way to run a network did: in floats, in integers by step, or by event.

    Args:
        accuracy: share of samples that are right.
        low: lower end of its 95 % interval (Wilson).
        high: upper end.
        difference: accuracy less the model's, of the same samples; None: this is the model.
        silent_samples: samples for which no output fired, which count as the first class.
        accuracy_after_step: accuracy if the decision were taken after 1, 2, … time steps.
        median_decided: median step from which on the decision stood; None: there was no output.
        steps_to_95: first step from which on accuracy stays at 95 % of its last, or above.
    """

    accuracy: float
    low: float
    high: float
    difference: PairedDifference | None
    silent_samples: int
    accuracy_after_step: tuple[float, ...]
    median_decided: float | None
    steps_to_95: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a model and its integers on a chip compare on samples of known class.

    Args:
        chip: name of the chip.
        fits: whether the model breaks no rule; without that there is no integer part.
        n_samples: how many samples were compared.
        float_accuracy: share of samples that the model gets right.
        integer_accuracy: share that the integers get right, time step by time step.
        agreement: share for which model and integers say the same.
        silent_samples: samples for which no output fires in integers.
        event_accuracy: share that the integers get right, event by event.
        event_agreement: share for which model and integers say the same, event by event.
        layers: one a layer, in order.
        findings: all rules broken, and what else is worth knowing.
        model_way: interval, difference and latency of the model.
        integer_way: the same in integers, time step by time step.
        event_way: the same in integers, event by event.
        seconds_per_sample: mean time of a sample; None: not known.
        n_steps: mean number of time steps of a sample.
        power: estimated power, by its sources.
        data: reference of the split or task that the samples are of, with its digest.
        fold: the fold, or role, that they are of.

    Examples:
        >>> report = Report(chip="speck2f", fits=False, n_samples=0, float_accuracy=0.0)
        >>> report.accuracy_loss is None
        True
    """

    chip: str
    fits: bool
    n_samples: int
    float_accuracy: float
    integer_accuracy: float | None = None
    agreement: float | None = None
    silent_samples: int | None = None
    event_accuracy: float | None = None
    event_agreement: float | None = None
    layers: tuple[LayerFidelity, ...] = ()
    findings: tuple[Finding, ...] = ()
    model_way: Way | None = None
    integer_way: Way | None = None
    event_way: Way | None = None
    seconds_per_sample: float | None = None
    n_steps: float | None = None
    power: PowerEstimate | None = None
    data: str = ""
    fold: str = ""

    @property
    def accuracy_loss(self) -> float | None:
        """Accuracy that the integers cost."""
        lost = self.integer_accuracy
        return None if lost is None else self.float_accuracy - lost

    @property
    def worst_layer(self) -> LayerFidelity | None:
        """The layer that loses most alone in integers, event by event; None: none changes a thing.

        Layers are ordered by accuracy lost, then by decisions changed, then by how far the output
        moves.
        """
        ranked = [(one.event_loss.rank, one) for one in self.layers if one.event_loss is not None]
        moving = [(rank, one) for rank, one in ranked if rank[2] > 0]
        return max(moving, key=lambda pair: pair[0])[1] if moving else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        plain = {"format_version": REPORT_FORMAT, **asdict(self)}
        plain["findings"] = [finding.to_dict() for finding in self.findings]
        plain["accuracy_loss"] = self.accuracy_loss
        worst = self.worst_layer
        plain["worst_layer"] = None if worst is None else worst.name
        return plain
