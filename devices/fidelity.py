"""What a report says: how a model and its integers on a chip compare, layer by layer."""

from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from devices.nodes import Shape
from devices.results import CoreUse
from eventstore.findings import Finding


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

    @property
    def accuracy_loss(self) -> float | None:
        """Accuracy that the integers cost."""
        lost = self.integer_accuracy
        return None if lost is None else self.float_accuracy - lost

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        plain = asdict(self)
        plain["findings"] = [finding.to_dict() for finding in self.findings]
        plain["accuracy_loss"] = self.accuracy_loss
        return plain
