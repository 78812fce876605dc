r"""One step of a block of neurons backwards, from what `step_kernels` kept of it.

With the gradients $\bar s, \bar M, \bar v, \bar A, \bar S$ to what a step leaves, h' the
surrogate's slope, $B = M + G$, $U = \max(1, M')$ and q the bracket that pulls the membrane:

$$
\bar s &\mathrel{+}= \bar M (1 - U), \quad
\bar M' = [M' > 1] \big( \bar M (1 - s) + (\bar v + \bar s\, h' / \theta) / U \big) \\
\bar q &= \bar M' h \Lambda M / B, \quad \bar J = [J > 1] \, \bar q \, G / L \\
\bar M &\leftarrow \bar M' \big( 1 + h (\Lambda G q / B^2 + e^{pv}) \big)
- \bar q (1 + A / L), \quad \bar v \leftarrow \bar M' h M p\, e^{pv} \\
\bar \Lambda &= \bar M' h M q / B - \bar q G / L - \bar J, \quad
\bar A \mathrel{+}= \bar \Lambda - \bar q M / L, \quad \bar S \mathrel{+}= \bar J
$$

All of it is linear in the gradients: what they are multiplied with is computed forwards.
"""

import numpy as np

from eventstore.jit import inlined_kernel
from snn.dpi import layout as at
from snn.dpi.layout import Array


@inlined_kernel
def retreat(  # noqa: PLR0917 # a kernel takes no keywords
    block: Array,
    tape: Array,
    grad: Array,
    grad_y: Array,
    grad_x: Array,
    options: tuple[bool, bool],
) -> None:
    """Take gradients back through one step of a block.

    Args:
        block: constants; the state in it plays no part.
        tape: what `advance` kept of the step.
        grad: gradients to the state, after the step on entry and before it on return; and to the
            constants, where they learn: those of this step are added.
        grad_y: gradient to the spikes, as far as they are the output.
        grad_x: takes the gradient to the weighted input.
        options: detached, learns.
    """
    detached, learns = options
    for k in range(len(grad_y)):
        i = np.uint64(k)
        g_spikes, g_mem = grad_y[k] + grad[at.G_SPIKES + i], grad[at.G_MEM + i]
        if not detached:
            g_spikes += g_mem * tape[at.RISE + i]
        slope = g_spikes * tape[at.SLOPE + i]
        g = g_mem * tape[at.STAYED + i] + (grad[at.G_VOLT + i] + slope) * tape[at.PER_MEM + i]
        g_given = g * tape[at.TO_GIVEN + i]
        g_ahp = (grad[at.G_AHP + i] + g * tape[at.TO_AHP + i]) * tape[at.ADAPTS + i]
        g_syn = grad[at.G_SYN + i] + g_given
        g_drive, g_jump = g_syn * tape[at.DRIVES + i], g_ahp * tape[at.JUMPS + i]
        grad_x[k] = g_drive * block[at.DRIVE + i]
        grad[at.G_SPIKES + i] = g_jump * block[at.AHP_JUMP + i]
        grad[at.G_VOLT + i] = g * tape[at.TO_VOLT + i]
        grad[at.G_MEM + i] = g * tape[at.TO_MEM + i]
        grad[at.G_AHP + i] = g_ahp * block[at.AHP_DECAY + i]
        grad[at.G_SYN + i] = g_syn * block[at.SYN_DECAY + i]
        if learns:
            grad[at.G_SYN_DECAY + i] += g_syn * tape[at.WAS_SYN + i]
            grad[at.G_DRIVE + i] += g_drive * tape[at.WAS_INPUT + i]
            grad[at.G_DRIVE_FLOOR + i] += g_syn - g_drive
            grad[at.G_AHP_DECAY + i] += g_ahp * tape[at.WAS_AHP + i]
            grad[at.G_AHP_JUMP + i] += g_jump * tape[at.WAS_SPIKES + i]
            grad[at.G_AHP_FLOOR + i] += g_ahp - g_jump
            grad[at.G_LEAK + i] += g * tape[at.TO_LEAK + i]
            grad[at.G_DC + i] += g_given
            grad[at.G_GAIN + i] += g * tape[at.TO_GAIN + i]
            grad[at.G_RATE + i] += g * tape[at.TO_RATE + i]
            grad[at.G_FEEDBACK + i] += g * tape[at.TO_FEEDBACK + i]
            grad[at.G_THRESHOLD + i] -= slope * tape[at.RATIO + i]
