r"""How chips round a network's numbers to integers, as values.

One scale s takes weights, biases, thresholds and bounds of a layer to integers, $q = round(s\,p)$,
since they meet in one sum, or one of each neuron those of it: the largest that keeps weights and
states within their bits. Spikes do not depend on the scale, only on what rounding does to the
numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerRule:
    """Bits and scales of a chip.

    Args:
        name: what the rule is called.
        weight_bits: width of weights and biases.
        state_bits: width of potentials, thresholds and lower bounds.
        symmetric: whether the most negative integer is left unused.
        shared_scale: whether all layers but the last have one scale, the last its own; False:
            each layer has its own.
        per_neuron: whether each neuron has its own scale, of its weights and threshold.
        bit_shift: whether the chip leaks by shifting, so that layers need ``bit_shift=True``;
            False: it does not leak at all.
        max_input: most events of a channel that it takes in one step; None: any number.
        max_spikes: most spikes of a neuron in one step; None: any number.
        max_spikes_out: the same of neurons of the last layer.

    Raises:
        InvalidInput: a width is not of 2 to 24 bits, which float32 holds exactly.

    Examples:
        >>> SPECK.bounds(SPECK.weight_bits), XYLO.bounds(XYLO.weight_bits)
        ((-128, 127), (-127, 127))
    """

    name: str
    weight_bits: int = 8
    state_bits: int = 16
    symmetric: bool = False
    shared_scale: bool = False
    per_neuron: bool = False
    bit_shift: bool = False
    max_input: int | None = None
    max_spikes: int | None = None
    max_spikes_out: int | None = None

    def __post_init__(self) -> None:
        for what in ("weight_bits", "state_bits"):
            bits = getattr(self, what)
            if type(bits) is not int or not 2 <= bits <= 24:
                message = f"{what}={bits!r} is no width that float32 can train"
                raise InvalidInput(message, hint="give a whole number from 2 to 24")

    def bounds(self, bits: int) -> tuple[int, int]:
        """Return the smallest and largest integer of so many bits."""
        high = (1 << (bits - 1)) - 1
        return (-high if self.symmetric else -high - 1), high

    def largest_scale(self, values: Iterable[Tensor], bits: int) -> Tensor:
        """Return the largest factor that keeps all values within the bits; infinite for zeros.

        In float32, as chips' tools compute it, so that integers agree bit for bit; they leave the
        most negative integer unused where all values are negative.

        Examples:
            >>> SPECK.largest_scale([torch.tensor([-1.0, 0.5])], 8).item()
            128.0
        """
        flat = torch.cat([value.detach().flatten().float() for value in values])
        low, high = self.bounds(bits)
        least, most = flat.min(), flat.max()
        if least.abs() <= most.abs() * abs(low / high):
            return (torch.tensor(float(high)) / most).abs()
        return (torch.tensor(float(low)) / least).abs()


SPECK = IntegerRule(name="speck")
"""Speck: 8 bits of weights, 16 of states, a scale for each layer, no leak."""

XYLO = IntegerRule(
    name="xylo",
    symmetric=True,
    shared_scale=True,
    bit_shift=True,
    max_input=15,
    max_spikes=31,
    max_spikes_out=1,
)
"""Xylo: 8 bits of weights, 16 of states, one scale for hidden layers, leaks by shifting."""

XYLO_CHANNEL = replace(XYLO, name="xylo-channel", shared_scale=False, per_neuron=True)
"""Xylo, with a scale for each neuron: what `devices` rounds it by unless told otherwise."""

RULES = {rule.name: rule for rule in (SPECK, XYLO, XYLO_CHANNEL)}
"""Rules by name, for recipes."""
