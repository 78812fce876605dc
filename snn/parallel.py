r"""Neurons without a reset, all time steps at once: an associative scan in place of a loop.

$v_t = \alpha v_{t-1} + x_t$ composes: two stretches of time combine into one, whose decay is the
product of theirs. Combining neighbours, then neighbours of those, takes log T rounds, each over
whole tensors (Hillis and Steele 1986; Blelloch 1990). Autograd goes through the rounds.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from snn.dynamics import ALPHA, BETA, BIAS, GAIN, THRESHOLD, Neuron, count_spikes


def can_run_in_parallel(neuron: Neuron) -> bool:
    """Say whether the recurrence is linear: nothing acts back on the potential."""
    unbound = neuron.min_v_mem is None and not (neuron.adaptive or neuron.recurrent)
    return unbound and (neuron.reset == "none" or not neuron.spiking)


def run_parallel(
    x: Float[Tensor, "b t s n"],
    state: Float[Tensor, "b k n"],
    constants: Float[Tensor, "p n"],
    neuron: Neuron,
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b k n"]]:
    """Advance neurons over all time steps in log T rounds; twin of ``run_reference``.

    Examples:
        >>> one = torch.tensor([0.5, 1.0, 1.0, 0.0, 0.0, 0.0])[:, None]
        >>> x, rest = torch.ones(1, 3, 1, 1), torch.zeros(1, 1, 1)
        >>> y, state = run_parallel(x, rest, one, Neuron(spiking=False))
        >>> y.flatten().tolist()
        [1.0, 1.5, 1.75]
    """
    after = []
    total = x[:, :, 0]
    if neuron.n_synapses:
        beta = constants[BETA:, None]
        currents = leaky_scan(
            beta.unsqueeze(-2) * x.movedim(2, 0), beta, state[:, 1:].movedim(1, 0)
        )
        total = currents.sum(0)
        after = list(currents[:, :, -1])
    drive = constants[GAIN] * total + constants[BIAS]
    v_mem = leaky_scan(drive, constants[ALPHA], state[:, 0])
    y = count_spikes(v_mem, constants[THRESHOLD], neuron) if neuron.spiking else v_mem
    return y, torch.stack([v_mem[:, -1], *after], 1)


def leaky_scan(
    x: Float[Tensor, "... t n"], decay: Float[Tensor, "... n"], first: Float[Tensor, "... n"]
) -> Float[Tensor, "... t n"]:
    """Return v of $v_t = decay · v_{t-1} + x_t$ for all t at once.

    Args:
        x: what is added in each step.
        decay: share that stays after one step.
        first: v before the first step.
    """
    head = x[..., :1, :] + (decay * first).unsqueeze(-2)
    v = torch.cat([head, x[..., 1:, :]], -2)
    reach, stays = 1, decay.unsqueeze(-2) if decay.ndim > 1 else decay
    while reach < x.shape[-2]:
        added = v[..., reach:, :] + stays * v[..., :-reach, :]
        v = torch.cat([v[..., :reach, :], added], -2)
        reach, stays = 2 * reach, stays * stays
    return v
