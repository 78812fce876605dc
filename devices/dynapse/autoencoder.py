"""Weights of four bits by training, as the vendor's tools find them: an autoencoder of bits.

An encoder makes four currents of all weights, a decoder of bits makes the weights of the currents
again; both are trained by gradients through the step of the bits. It is here to compare with: the
least squares of `devices.dynapse.encoding` come nearer in a hundredth of the time.
"""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from devices.dynapse.encoding import N_BITS, Encoding

PENALTY = 1e3
"""Weight of what keeps currents from becoming negative."""


class _Bit(torch.autograd.Function):
    """Round a probability to a bit; backwards as if it were not rounded."""

    @staticmethod
    def forward(ctx: Any, share: Tensor) -> Tensor:  # noqa: ANN401 # torch's signature
        return (share > 0.5).to(share.dtype)

    @staticmethod
    def backward(ctx: Any, *grad: Tensor) -> Tensor:  # noqa: ANN401 # torch's signature
        return grad[0]


def encode_autoencoder(
    weights: Float64[np.ndarray, " n"],
    *,
    epochs: int = 4000,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> Encoding:
    """Encode weights by training an encoder to currents and a decoder of bits together.

    Args:
        weights: sizes of weights, 0 or more.
        epochs: steps of training.
        learning_rate: of Adam.
        seed: of what both start from.

    Examples:
        >>> found = encode_autoencoder(np.array([0.5, 1.0, 0.2]), epochs=50)
        >>> found.codes.shape
        (3,)
    """
    n = len(weights)
    if not n:
        return Encoding(base=np.zeros(N_BITS), codes=np.zeros(0, np.uint8))
    rng = torch.Generator().manual_seed(seed)
    x = torch.from_numpy(weights)
    limit = (6 / n) ** 0.5
    encoder = (torch.rand(n, N_BITS, generator=rng, dtype=x.dtype) * 2 - 1) * limit
    decoder = (torch.rand(N_BITS, n, generator=rng, dtype=x.dtype) * 2 - 1) * limit
    parameters = [encoder.requires_grad_(), decoder.requires_grad_()]
    optimiser = torch.optim.Adam(parameters, learning_rate)
    best, kept = float("inf"), (torch.zeros(N_BITS, dtype=x.dtype), torch.zeros(N_BITS, n))
    for _ in range(epochs):
        base, bits = x @ encoder, _bits(decoder)
        error = torch.mean((base @ bits - x) ** 2)
        loss = error + PENALTY * torch.sum(torch.exp(-base.clamp_max(0.0)) - 1)
        if loss.item() < best:
            best, kept = loss.item(), (base.detach().clamp_min(0.0), bits.detach())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    base, bits = kept
    codes = (bits.numpy() * (1 << np.arange(N_BITS))[:, None]).sum(0).astype(np.uint8)
    return Encoding(base=base.numpy(), codes=codes)


def _bits(decoder: Tensor) -> Tensor:
    bits: Tensor = _Bit.apply(torch.sigmoid(decoder))  # type: ignore[no-untyped-call]
    return bits
