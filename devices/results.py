"""Hand-over values between the steps from graph to chip: frozen, of integers, free of torch."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Int8, Int64

from devices.nodes import Pair, Shape, size_of, window_count
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantizedLayer:
    """One layer in the integers of a chip: convolution and neurons.

    Args:
        name: name of the convolution or linear layer in the model.
        spiking_name: name of its neurons in the model.
        input_shape: ``(C, H, W)`` of one time step going in, after the pooling of its links.
        weight: int8, output × input × kernel y × kernel x.
        bias: int8, one an output feature, or None; added once a time step.
        stride: step in y and x.
        padding: zeros added on either side in y and x.
        threshold: membrane state at which a neuron fires.
        lower_bound: state below which the membrane does not fall.
        reset: whether a spike subtracts the threshold or sets the state to zero.
        scale: what float weights, bias and thresholds were multiplied with.
        rescale: factor on the weights that makes up for averaging done as a sum before.
    """

    name: str
    spiking_name: str
    input_shape: tuple[int, int, int]
    weight: Int8[np.ndarray, "o i ky kx"]
    bias: Int8[np.ndarray, " o"] | None
    stride: Pair
    padding: Pair
    threshold: int
    lower_bound: int
    reset: Literal["subtract", "zero"]
    scale: float
    rescale: float

    @property
    def neuron_shape(self) -> tuple[int, int, int]:
        """Shape ``(C, H, W)`` of its neurons."""
        height, width = (
            window_count(size, kernel=k, stride=s, padding=p)
            for size, k, s, p in zip(
                self.input_shape[1:], self.weight.shape[2:], self.stride, self.padding, strict=True
            )
        )
        return (self.weight.shape[0], height, width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Spikes on their way from one layer to another, summed over windows of pool × pool.

    Several links into one layer are summed: branches meet there. Where features are shifted, those
    of one come after those of another: the parts of a layer that was split.

    Args:
        source: name of the layer that sends them; None: the network's input.
        target: name of the layer that receives them.
        pool: edge of the windows; a border that fills no window is dropped.
        feature_shift: added to the number of each feature.
    """

    source: str | None
    target: str
    pool: int = 1
    feature_shift: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantizedGraph:
    """A network in the integers of a chip.

    Args:
        chip: name of the chip it was made for.
        input_shape: shape of one time step of input, as the model took it.
        layers: in an order in which every layer comes after those that feed it.
        links: which layer sends its spikes to which, over what pooling.

    Raises:
        InvalidInput: two layers of one name, or a link that names no layer, runs backwards or is
            there twice or sends features that the target has not, or a layer that nothing feeds.
    """

    chip: str
    input_shape: Shape
    layers: tuple[QuantizedLayer, ...]
    links: tuple[Link, ...]

    def __post_init__(self) -> None:
        place: dict[str | None, int] = {layer.name: i for i, layer in enumerate(self.layers)}
        if len(place) != len(self.layers):
            message = f"{len(self.layers)} layers have only {len(place)} names"
            raise InvalidInput(message, hint="give each layer a name of its own")
        fed = {link.target for link in self.links}
        unfed = [layer.name for layer in self.layers if layer.name not in fed]
        if unfed:
            message = f"nothing feeds layer {unfed[0]!r}"
            raise InvalidInput(message, hint=f"link it: Link(source=None, target={unfed[0]!r})")
        place[None] = -1
        for link in self.links:
            known = link.source in place and link.target in place
            if not known or place[link.source] >= place[link.target]:
                message = f"link {link.source} → {link.target} does not run forward"
                raise InvalidInput(message, hint="list layers in topological order; no recurrence")
        self._check_features()
        if len({(link.source, link.target) for link in self.links}) < len(self.links):
            message = "two links have the same source and target"
            raise InvalidInput(message, hint="keep one of them, with twice the weights after it")

    def _check_features(self) -> None:
        sent = {layer.name: layer.neuron_shape[0] for layer in self.layers}
        taken = {layer.name: layer.input_shape[0] for layer in self.layers}
        for link in self.links:
            features = self.input_map[0] if link.source is None else sent[link.source]
            first, end = link.feature_shift, link.feature_shift + features
            if first < 0 or end > taken[link.target]:
                message = f"link {link.source} → {link.target} sends features {first} … {end - 1}, "
                message += f"the target takes 0 … {taken[link.target] - 1}"
                raise InvalidInput(message, hint="let features of all links fit side by side")

    @classmethod
    def chain(
        cls,
        *,
        chip: str,
        input_shape: Shape,
        layers: tuple[QuantizedLayer, ...],
        pools: Sequence[int] = (),
    ) -> "QuantizedGraph":
        """Return the network in which each layer feeds the next.

        Args:
            chip: name of the chip.
            input_shape: shape of one time step of input.
            layers: in order.
            pools: edge of the pooling before each layer but the first; empty: none.
        """
        first = [Link(source=None, target=layer.name) for layer in layers[:1]]
        edges = pools or [1] * (len(layers) - 1)
        follow = [
            Link(source=a.name, target=b.name, pool=pool)
            for (a, b), pool in zip(itertools.pairwise(layers), edges, strict=True)
        ]
        links = (*first, *follow)
        return cls(chip=chip, input_shape=input_shape, layers=layers, links=links)

    @property
    def is_chain(self) -> bool:
        """Whether the input feeds the first layer, and each layer just the next one."""
        names = [None, *(layer.name for layer in self.layers)]
        return {(k.source, k.target) for k in self.links} == set(itertools.pairwise(names))

    @property
    def input_map(self) -> tuple[int, int, int]:
        """Shape ``(C, H, W)`` of one time step of input; flat inputs are features of one pixel."""
        if len(self.input_shape) == 3:
            return (self.input_shape[0], self.input_shape[1], self.input_shape[2])
        return (size_of(self.input_shape), 1, 1)

    def into(self, name: str) -> tuple[Link, ...]:
        """Return the links over which a layer receives spikes."""
        return tuple(link for link in self.links if link.target == name)

    def out_of(self, name: str | None) -> tuple[Link, ...]:
        """Return the links over which a layer sends its spikes; None: the network's input."""
        return tuple(link for link in self.links if link.source == name)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the layers that feed no other."""
        feeding = {link.source for link in self.links}
        return tuple(layer.name for layer in self.layers if layer.name not in feeding)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreUse:
    """How much of a core a layer takes, in words.

    Args:
        layer: name of the layer.
        core: number of the core.
        kernel_words: words of weights used.
        neuron_words: words of states used.
        bias_words: words of biases used.
        kernel_capacity: words of weights the core has.
        neuron_capacity: words of states the core has.
        bias_capacity: words of biases the core has.
    """

    layer: str
    core: int
    kernel_words: int
    neuron_words: int
    bias_words: int
    kernel_capacity: int
    neuron_capacity: int
    bias_capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Which core computes which layer.

    Args:
        chip: name of the chip.
        uses: one a layer, in the order of the layers.

    Examples:
        >>> Mapping(chip="speck2f", uses=()).cores
        ()
    """

    chip: str
    uses: tuple[CoreUse, ...]

    @property
    def cores(self) -> tuple[int, ...]:
        """Number of the core of each layer, in order."""
        return tuple(use.core for use in self.uses)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerActivity:
    """What one layer did during a simulation.

    Args:
        name: name of the layer.
        spiking_name: name of its neurons in the model.
        spikes: spikes of each sample, before pooling.
        input_spikes: spikes of each sample that came in.
        synops: synaptic operations of each sample: incoming spikes × neurons each reaches.
        neuron_spikes: spikes of each neuron over all samples.
        n_steps: time steps simulated, over all samples.
    """

    name: str
    spiking_name: str
    spikes: Int64[np.ndarray, " b"]
    input_spikes: Int64[np.ndarray, " b"]
    synops: Int64[np.ndarray, " b"]
    neuron_spikes: Int64[np.ndarray, "c h w"]
    n_steps: int

    @classmethod
    def joined(cls, parts: Sequence["LayerActivity"]) -> "LayerActivity":
        """Return the activity of one layer over several batches together."""
        return cls(
            name=parts[0].name,
            spiking_name=parts[0].spiking_name,
            spikes=np.concatenate([part.spikes for part in parts]),
            input_spikes=np.concatenate([part.input_spikes for part in parts]),
            synops=np.concatenate([part.synops for part in parts]),
            neuron_spikes=np.sum([part.neuron_spikes for part in parts], axis=0),
            n_steps=sum(part.n_steps for part in parts),
        )

    @property
    def n_neurons(self) -> int:
        """How many neurons the layer has."""
        return int(self.neuron_spikes.size)

    @property
    def silent_neurons(self) -> int:
        """How many neurons never fired."""
        return int((self.neuron_spikes == 0).sum())

    @property
    def rate(self) -> float:
        """Spikes a neuron and time step."""
        chances = self.n_neurons * self.n_steps
        return float(self.neuron_spikes.sum()) / chances if chances else 0.0

    @property
    def is_silent(self) -> bool:
        """Whether no neuron fired at all: what comes after gets nothing."""
        return self.silent_neurons == self.n_neurons

    @property
    def is_saturated(self) -> bool:
        """Whether the neurons fire once a step and more on average: they carry little by then."""
        return self.rate >= 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimResult:
    """What the integer network did on a batch of samples.

    Args:
        layers: activity of each layer in order.
        output: spikes of the last layer's neurons for each sample and time step.
    """

    layers: tuple[LayerActivity, ...]
    output: Int64[np.ndarray, "b t n"]

    @classmethod
    def joined(cls, parts: Sequence["SimResult"]) -> "SimResult":
        """Return the result of several batches together; shorter ones are silent at their end."""
        by_layer = zip(*(part.layers for part in parts), strict=True)
        longest = max(part.output.shape[1] for part in parts)
        ends = [((0, 0), (0, longest - part.output.shape[1]), (0, 0)) for part in parts]
        outputs = [np.pad(part.output, end) for part, end in zip(parts, ends, strict=True)]
        layers = tuple(LayerActivity.joined(layer) for layer in by_layer)
        return cls(layers=layers, output=np.concatenate(outputs))

    @property
    def counts(self) -> Int64[np.ndarray, "b n"]:
        """Spikes of each output for each sample, over all time steps."""
        total: np.ndarray = self.output.sum(axis=1)
        return total

    @property
    def predictions(self) -> Int64[np.ndarray, " b"]:
        """The output that fired most for each sample; the first of those with as many."""
        best: np.ndarray = self.counts.argmax(axis=1)
        return best

    @property
    def silent_outputs(self) -> Bool[np.ndarray, " b"]:
        """Whether no output fired at all for a sample, so that its prediction means nothing."""
        silent: np.ndarray = self.counts.sum(axis=1) == 0
        return silent
