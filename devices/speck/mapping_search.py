"""The best of all assignments of layers to cores: memory left over is spread evenly.

How many synaptic operations a core computes depends on its layer alone, as all cores are equally
fast as far as is published: no assignment of whole layers balances them better than another, and
none is chosen for them. Layers that are split balance them (`devices.speck.load_balance`).

What differs is memory, by a factor of four between cores. The best assignment makes the fullest
core as empty as can be, then the second fullest, and so on, so that a layer that grows in the next
training is least likely to need another core.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from devices.speck.chip import Core, SpeckSpec
from devices.speck.core_words import Words

Order: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]


def fill(need: Words, core: Core) -> Fraction | None:
    """Return the larger share of a core's two large memories that is used; None: too small.

    Biases don't count: they have no memory to spare for anything else.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> fill(Words(kernel=4096, neuron=32768, bias=8), SPECK2F.cores[0])
        Fraction(1, 2)
    """
    if not need.fits(core):
        return None
    kernel = Fraction(need.kernel, core.kernel_words)
    return max(kernel, Fraction(need.neuron, core.neuron_words))


def balance_cores(words: Sequence[Words], spec: SpeckSpec) -> list[int] | None:
    """Return the core of each layer, or None where no assignment exists.

    Exact: of every set of cores that the first layers can take, only the best way to take it is
    kept (dynamic programming over sets; 512 sets on nine cores). That is enough, because adding
    the same core to two ways does not change which is better. Of equally good ones the first in
    the order of core numbers is taken, so the answer is always the same.

    Args:
        words: memory that each layer needs.
        spec: the chip.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> balance_cores([Words(kernel=16384, neuron=1024, bias=0)] * 2, SPECK2F)
        [5, 6]
    """
    best: dict[int, Order] = {0: ((), ())}
    for row in _ranks(words, spec):
        after: dict[int, Order] = {}
        for taken, (ranks, cores) in best.items():
            for core, rank in enumerate(row):
                if rank is None or taken >> core & 1:
                    continue
                way = (tuple(sorted((*ranks, rank), reverse=True)), (*cores, core))
                key = taken | 1 << core
                if key not in after or way < after[key]:
                    after[key] = way
        best = after
    return list(min(best.values())[1]) if best else None


def _ranks(words: Sequence[Words], spec: SpeckSpec) -> list[list[int | None]]:
    """Return fills by layer and core as whole numbers in the same order, fast to compare."""
    fills = [[fill(need, core) for core in spec.cores] for need in words]
    known = sorted({share for row in fills for share in row if share is not None})
    rank = {share: place for place, share in enumerate(known)}
    return [[None if share is None else rank[share] for share in row] for row in fills]
