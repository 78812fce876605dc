r"""One step of what drives a block's membranes, forwards and backwards: inputs, feedback, synapses.

A synapse decays what it is given at once: $i_t = \beta (i_{t-1} + x_t)$.
"""

from typing import TypeAlias

from eventstore.jit import inlined_kernel
from snn.kernels.feedback import feed
from snn.kernels.membrane import Array, pick

Block: TypeAlias = tuple[int, int, int]
"""First neuron, neurons, and the first column of their constants."""


@inlined_kernel
def take_in(  # noqa: PLR0917 # a kernel takes no keywords
    x_t: Array,
    block: Block,
    state: Array,
    constants: Array,
    weight: Array,
    buffers: tuple[Array, Array],
    filled: Array,
    options: tuple[int, bool, bool, bool],
) -> None:
    """Advance what drives a block by one step: feedback, then synapses.

    Args:
        x_t: inputs of all neurons in this step, ``(S, N)``.
        block: which neurons.
        state: of the block, one row each: potential, currents, …, spikes of the step before.
        constants: of all neurons; from the seventh row on decays of the synapses.
        weight: from spikes to inputs, of recurrent neurons.
        buffers: take the sum of currents, and inputs with feedback.
        filled: takes each current before it decays, where constants learn.
        options: synapses, recurrent, each, learns.
    """
    start, n, lo = block
    total, fed = buffers
    n_synapses, recurrent, each, learns = options
    if recurrent:
        feed(state[state.shape[0] - 1], weight, x_t.reshape(-1), fed)
    for k in range(n_synapses):
        x_k = fed[k * n : k * n + n] if recurrent else x_t[k, start : start + n]
        beta, current, fills = constants[6 + k, lo : lo + n], state[1 + k], filled[k]
        for i in range(n):
            if learns:
                fills[i] = current[i] + x_k[i]
            i_syn = pick(beta, i, each) * (current[i] + x_k[i])
            current[i] = i_syn
            total[i] = i_syn if k == 0 else total[i] + i_syn


@inlined_kernel
def take_out(  # noqa: PLR0917 # a kernel takes no keywords
    d: Array,
    block: Block,
    grad_x: Array,
    grad_state: Array,
    constants: Array,
    filled: Array,
    grad_constants: Array,
    options: tuple[int, bool, bool, bool],
) -> None:
    """Take the gradients to the membranes back to the inputs, where that was not done with them.

    Args:
        d: gradient to the potential of each membrane before its reset.
        block: which neurons.
        grad_x: takes the gradients to all inputs in this step, ``(S, N)``.
        grad_state: gradients to all states, ``(K, N)``: of currents after the step on entry, before
            it on return.
        constants: of all neurons; the second row is the gain, from the seventh on are decays.
        filled: each current before it decayed, where constants learn.
        grad_constants: takes the gradients to them, ``(P, N)``.
        options: synapses, recurrent, each, learns.
    """
    start, n, lo = block
    n_synapses, _, each, learns = options
    gain = constants[1, lo : lo + n]
    for k in range(n_synapses):
        beta, fills, carried = (
            constants[6 + k, lo : lo + n],
            filled[k],
            grad_state[1 + k, start : start + n],
        )
        g = grad_x[k, start : start + n]
        for i in range(n):
            e = carried[i] + pick(gain, i, each) * d[i]
            if learns:
                grad_constants[6 + k, start + i] += e * fills[i]
            e *= pick(beta, i, each)
            g[i] = e
            carried[i] = e
    if n_synapses == 0 and learns:
        g = grad_x[0, start : start + n]
        for i in range(n):
            g[i] = pick(gain, i, each) * d[i]
