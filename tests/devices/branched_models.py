"""Random models that part and meet, of one to nine layers, whose numbers are whole.

Every layer holds a weight of 127 after the factor for averages before it, so that quantising leaves
all numbers as they are, and float sums are exact: model and integers must agree to the last spike.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor, nn

import snn
from devices.nodes import window_count

Shape = tuple[int, int, int]


@dataclass
class BranchedModel:
    """What a model is made of; it can be built as a layer of ours, or as a module of one's own.

    Args:
        input_shape: shape of one time step.
        modules: by name, in an order in which each comes after its sources.
        sources: what each takes the sum of; ``"input"`` among them.
    """

    input_shape: Shape
    modules: dict[str, nn.Module] = field(default_factory=dict)
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, name: str, module: nn.Module, *sources: str) -> str:
        self.modules[name] = module
        self.sources[name] = sources
        return name

    @property
    def n_layers(self) -> int:
        return sum(isinstance(module, snn.IAF) for module in self.modules.values())

    def as_branching(self) -> snn.SpikingSequential:
        return snn.SpikingSequential(snn.Branching(self.modules, sources=self.sources))

    def as_own_module(self) -> nn.Module:
        return OwnModule(self)

    def frames(self, seed: int, batch: int = 2, time: int = 4) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return rng.poisson(0.6, (batch, time, *self.input_shape)).astype(np.float32)


class OwnModule(nn.Module):
    """The same network, written out with sums and reshapes."""

    def __init__(self, model: BranchedModel) -> None:
        super().__init__()
        self.layers = nn.ModuleDict(model.modules)
        self.sources = model.sources

    def forward(self, x: Tensor) -> Tensor:
        batch, time = x.shape[:2]
        made = {"input": x}
        for name, layer in self.layers.items():
            given = sum(made[source] for source in self.sources[name])
            assert isinstance(given, Tensor)
            if isinstance(layer, snn.IAF):
                made[name] = layer(given)
            else:
                made[name] = layer(given.flatten(0, 1)).unflatten(0, (batch, time))
        return made[name]


class _Drawing:
    """Adds blocks to a model; knows the shape and the averages of where it is."""

    def __init__(self, seed: int, n_layers: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.left = n_layers
        self.average = bool(self.rng.random() < 0.5)
        height, width = (int(n) for n in self.rng.integers(4, 9, 2))
        self.shape: Shape = (int(self.rng.integers(1, 3)), height, width)
        self.model = BranchedModel(self.shape)
        self.at: tuple[str, ...] = ("input",)
        self.factor = 1.0
        self.single = False

    def fire(self, *, keep: bool) -> str:
        """Add a convolution and its neurons on what there is; return the name of the neurons."""
        rng, (channels, height, width) = self.rng, self.shape
        kernel = 3 if keep else int(rng.integers(1, min(3, height, width) + 1))
        stride, padding = (1, 1) if keep else (int(rng.choice([1, 1, 2])), int(rng.integers(0, 2)))
        features = channels if keep else int(rng.integers(1, 4))
        name = f"conv{len(self.model.modules)}"
        has_bias = bool(rng.random() < 0.3)
        conv = nn.Conv2d(channels, features, kernel, stride, padding, bias=has_bias)
        self.whole_numbers(conv)
        self.model.add(name, conv, *self.at)
        self.left -= 1
        if not keep:
            height, width = (
                window_count(n, kernel=kernel, stride=stride, padding=padding)
                for n in (height, width)
            )
            self.shape = (features, height, width)
        return self.model.add(f"fire{name[4:]}", self.neurons(), name)

    def whole_numbers(self, layer: nn.Conv2d | nn.Linear) -> None:
        weight = self.rng.integers(-40, 90, layer.weight.shape)
        weight.flat[self.rng.integers(weight.size)] = 127
        layer.weight.data = torch.tensor(weight / self.factor, dtype=torch.float32)
        if layer.bias is not None:
            bias = self.rng.integers(-30, 31, len(layer.bias))
            layer.bias.data = torch.tensor(bias, dtype=torch.float32)

    def neurons(self) -> snn.IAF:
        low = -float(self.rng.integers(1, 300)) if self.rng.random() < 0.7 else None
        threshold = float(self.rng.integers(60, 300))
        if self.rng.random() < 0.3:
            return snn.IAF(threshold, low, reset="set")
        return snn.IAF(threshold, low)

    def chain(self) -> None:
        self.at, self.factor = (self.fire(keep=False),), 1.0
        self.single = False

    def residual(self) -> None:
        self.at = (self.fire(keep=True), *self.at)
        self.single = True

    def parallel(self) -> None:
        self.at = (self.fire(keep=True), self.fire(keep=True))
        self.factor = 1.0

    def pool(self) -> None:
        if min(self.shape[1:]) < 2:
            return
        kind = nn.AvgPool2d(2) if self.average else nn.LPPool2d(1, 2)
        name = f"pool{len(self.model.modules)}"
        self.at = (self.model.add(name, kind, *self.at),)
        self.shape = (self.shape[0], self.shape[1] // 2, self.shape[2] // 2)
        self.factor = 0.25 if self.average else 1.0

    def classes(self) -> None:
        flat = self.model.add("flatten", nn.Flatten(), *self.at)
        linear = nn.Linear(int(np.prod(self.shape)), 3, bias=False)
        self.whole_numbers(linear)
        self.model.add("linear", linear, flat)
        self.model.add("fire_linear", self.neurons(), "linear")
        self.left = 0


@st.composite
def branched_models(draw: st.DrawFn, max_layers: int = 9) -> BranchedModel:
    """Draw a model that the chips' rules accept but for memory: a core feeds at most two others."""
    drawing = _Drawing(draw(st.integers(0, 2**32 - 1)), draw(st.integers(1, max_layers)))
    while drawing.left > 1:
        kind = drawing.rng.random()
        residual_is_exact = drawing.factor == 1.0
        if drawing.single or kind < 0.4:
            drawing.chain()
        elif kind < 0.7 and residual_is_exact:
            drawing.residual()
        elif drawing.left > 2:
            drawing.parallel()
        else:
            drawing.chain()
        sums = drawing.factor == 1.0 and "input" not in drawing.at
        if sums and drawing.rng.random() < 0.4:
            drawing.pool()
    if drawing.rng.random() < 0.5 and drawing.shape[1] == drawing.shape[2]:
        drawing.classes()
    else:
        drawing.chain()
    return drawing.model
