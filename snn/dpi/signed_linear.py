"""Weights whose sign says which synapse they are of."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from eventstore.errors import InvalidInput


class SignedLinear(nn.Module):
    """Weights to excitatory synapses where they are positive, to inhibitory ones where negative.

    Goes before `snn.dpi.layer.DPI` with ``inhibition``, as ``nn.Linear`` goes before one without.

    Args:
        in_features: sources.
        out_features: neurons.

    Attributes:
        weight: neuron × source, of either sign.

    Raises:
        InvalidInput: there is no source or no neuron.

    Examples:
        >>> layer = SignedLinear(2, 1)
        >>> _ = layer.load_state_dict({"weight": torch.tensor([[3.0, -2.0]])})
        >>> layer(torch.ones(1, 1, 2)).tolist()  # excitation, inhibition
        [[[[3.0], [2.0]]]]
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        for name, count in (("in_features", in_features), ("out_features", out_features)):
            if count < 1:
                message = f"{name}={count} of SignedLinear"
                raise InvalidInput(message, hint="give 1 or more")
        self.in_features = in_features
        self.out_features = out_features
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / math.sqrt(in_features))

    def forward(self, x: Float[Tensor, "*b i"]) -> Float[Tensor, "*b 2 n"]:
        """Return the weighted input of excitatory and of inhibitory synapses, both positive.

        Args:
            x: spikes or counts of the sources, none of them negative.
        """
        both = torch.cat((self.weight.clamp_min(0), (-self.weight).clamp_min(0)))
        return functional.linear(x, both).reshape(*x.shape[:-1], 2, self.out_features)

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}"
