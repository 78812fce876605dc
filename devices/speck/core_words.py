"""How many words of a core's memories a layer needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from devices.results import CoreUse, QuantizedLayer
from devices.speck.chip import Core, SpeckSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Memory that a layer needs, in words, as addresses are laid out: axes in powers of two.

    Args:
        kernel: words of weights.
        neuron: words of membrane states.
        bias: words of biases.
    """

    kernel: int
    neuron: int
    bias: int

    @classmethod
    def of(
        cls, weight_shape: Sequence[int], neuron_shape: Sequence[int], *, has_bias: bool
    ) -> "Words":
        """Return the words of a layer from the shapes of its weights and neurons.

        kernel = c · 2^(⌈log2(kx ky)⌉ + ⌈log2 f⌉), neuron = f · 2^(⌈log2 h⌉ + ⌈log2 w⌉), for c
        features in and f out.

        Examples:
            >>> Words.of((10, 16, 7, 7), (10, 1, 1), has_bias=False).kernel
            16384
        """
        outputs, inputs, kernel_y, kernel_x = weight_shape
        features, height, width = neuron_shape
        return cls(
            kernel=inputs << (_log2(kernel_y * kernel_x) + _log2(outputs)),
            neuron=features << (_log2(height) + _log2(width)),
            bias=outputs if has_bias else 0,
        )

    @classmethod
    def of_layer(cls, layer: QuantizedLayer) -> "Words":
        """Return the words of a quantised layer."""
        has_bias = layer.bias is not None
        return cls.of(layer.weight.shape, layer.neuron_shape, has_bias=has_bias)

    def fits(self, core: Core) -> bool:
        """Say whether a core has these words."""
        return (
            self.kernel <= core.kernel_words
            and self.neuron <= core.neuron_words
            and self.bias <= core.bias_words
        )

    def candidates(self, spec: SpeckSpec) -> list[int]:
        """Return the cores that have these words."""
        return [number for number, core in enumerate(spec.cores) if self.fits(core)]

    def on_core(self, layer: str, core: int, spec: SpeckSpec) -> CoreUse:
        """Return how much of a core a layer of these words takes.

        Args:
            layer: name of the layer.
            core: number of the core.
            spec: the chip.
        """
        held = spec.cores[core]
        return CoreUse(
            layer=layer,
            core=core,
            kernel_words=self.kernel,
            neuron_words=self.neuron,
            bias_words=self.bias,
            kernel_capacity=held.kernel_words,
            neuron_capacity=held.neuron_words,
            bias_capacity=held.bias_words,
        )


def _log2(size: int) -> int:
    return (size - 1).bit_length()
