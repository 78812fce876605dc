"""One step of a block of neurons forwards: what the scans of `kernel` consist of.

Functions that take options are copied into the loops that call them before anything is compiled, so
that their options, which are constants there, leave straight loops.
"""

import numpy as np

from eventstore.jit import inlined_kernel, kernel
from snn.dpi import layout as at
from snn.dpi.layout import Array
from snn.dpi.logarithm import log_above_one
from snn.kernels.exponential import Number, exp_negative
from snn.kernels.neuron import ONE, ZERO, spike_slope

MOST = np.float32(88.0)
"""Where an exponential in single precision ends."""


@kernel
def exp_positive(x: Number, double: bool) -> Number:
    """Return exp(x) of an x >= 0, in either precision; of more than 88 in single as of 88."""
    return np.exp(x) if double else exp_negative(min(x, MOST))  # its formula holds up to there


@kernel
def log_of(x: Number, double: bool) -> Number:
    """Return ln(x) of an x >= 1, in either precision."""
    return np.log(x) if double else log_above_one(x)


@inlined_kernel
def advance(  # noqa: PLR0915, PLR0917 # one formula a line; a kernel takes no keywords
    block: Array,
    x: Array,
    y: Array,
    tape: Array,
    slope_numbers: tuple[Number, ...],
    options: tuple[bool, bool, bool, int],
) -> None:
    """Advance the neurons of a block by one step.

    Args:
        block: state and constants, laid out as `snn.dpi.layout` says; the state is changed.
        x: weighted input of each.
        y: takes the spikes.
        tape: takes what gradients need of this step, where ``keeps`` says so.
        slope_numbers: those of the surrogate.
        options: double, keeps, learns, surrogate.
    """
    double, keeps, learns, surrogate = options
    for k in range(len(x)):
        i = np.uint64(k)
        z, mem, gain = x[k], block[at.MEM + i], block[at.GAIN + i]
        drive, jump = block[at.DRIVE + i] * z, block[at.AHP_JUMP + i] * block[at.SPIKES + i]
        syn = block[at.SYN_DECAY + i] * block[at.SYN + i] + max(drive, block[at.DRIVE_FLOOR + i])
        raw = block[at.AHP_DECAY + i] * block[at.AHP + i] + max(jump, block[at.AHP_FLOOR + i])
        ahp = max(raw, ONE)
        leak = block[at.LEAK + i] + ahp
        given = syn - leak + block[at.DC + i]
        given = ONE if block[at.REST + i] > ZERO else given
        surplus, slack = max(given, ONE) - leak, ONE + ahp * block[at.PER_LEAK + i]
        pull = block[at.GAIN_PER_LEAK + i] * surplus - mem * slack
        lift = exp_positive(block[at.FEEDBACK + i] * block[at.VOLT + i], double)
        per_total = ONE / (mem + gain)
        grown = leak * mem * per_total * pull + mem * lift
        raised = mem + block[at.RATE + i] * grown
        after = max(raised, ONE)
        volt = log_of(after, double)
        fired = volt >= block[at.THRESHOLD + i]
        if keeps:
            rate = block[at.RATE + i]
            per_leak = block[at.PER_LEAK + i]
            bounded = raised <= ONE
            share = mem * per_total
            to_pull = rate * leak * share
            through = to_pull * block[at.GAIN_PER_LEAK + i]
            to_given = through if given > ONE else ZERO
            to_given = ZERO if block[at.REST + i] > ZERO else to_given
            to_leak = rate * share * pull - through - to_given
            ratio = volt * block[at.PER_THRESHOLD + i]
            curve = leak * gain * pull * per_total * per_total + lift
            slope = spike_slope(ratio, slope_numbers, surrogate, double)
            tape[at.SLOPE + i] = slope * block[at.PER_THRESHOLD + i]
            per_after = ONE / after
            tape[at.PER_MEM + i] = ZERO if bounded else per_after
            tape[at.STAYED + i] = ZERO if bounded or fired else ONE
            tape[at.RISE + i] = ONE - after
            tape[at.TO_GIVEN + i] = to_given
            tape[at.TO_AHP + i] = to_leak - to_pull * mem * per_leak
            tape[at.TO_VOLT + i] = rate * mem * block[at.FEEDBACK + i] * lift
            tape[at.TO_MEM + i] = ONE + rate * curve - to_pull * slack
            tape[at.ADAPTS + i] = ONE if raw > ONE else ZERO
            tape[at.JUMPS + i] = ONE if jump > block[at.AHP_FLOOR + i] else ZERO
            tape[at.DRIVES + i] = ONE if drive > block[at.DRIVE_FLOOR + i] else ZERO
            if learns:
                tape[at.WAS_SYN + i] = block[at.SYN + i]
                tape[at.WAS_AHP + i] = block[at.AHP + i]
                tape[at.WAS_SPIKES + i] = block[at.SPIKES + i]
                tape[at.WAS_INPUT + i] = z
                tape[at.RATIO + i] = ratio
                mend = per_leak * per_leak * (mem * ahp - gain * surplus)
                tape[at.TO_LEAK + i] = to_leak + to_pull * mend
                tape[at.TO_GAIN + i] = to_pull * (surplus * per_leak - pull * per_total)
                tape[at.TO_RATE + i] = grown
                tape[at.TO_FEEDBACK + i] = rate * mem * lift * block[at.VOLT + i]
        block[at.SYN + i] = syn
        block[at.AHP + i] = ahp
        block[at.MEM + i] = ONE if fired else after
        block[at.VOLT + i] = volt
        rested = max(block[at.REST + i] - ONE, ZERO)
        block[at.REST + i] = block[at.REFRACTORY + i] if fired else rested
        spike = ONE if fired else ZERO
        block[at.SPIKES + i] = spike
        y[k] = spike
