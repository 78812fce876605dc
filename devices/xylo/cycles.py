r"""How many clock cycles each time step takes, which clock that needs, and what it may draw.

An estimate after a published model, not a measurement. The core works through inputs, hidden
neurons and outputs one after the other; with $a$ of $I$ inputs and $h$ of $H$ hidden neurons
active, which reach $r$ synapses, $f$ hidden neurons firing, and $O$ outputs, a step takes

$$
3.5\, a H_{in} + I + 7 r + 3 H + h_{out} (1 + 8 O) + 19 H + 3 f + \text{aliases} + 12 O
$$

cycles, where $H_{in}$ are the hidden neurons that inputs are added to. How many spikes of one
source arrive does not matter, only whether any do.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from devices.xylo.activity import XyloRun, XyloSteps
from devices.xylo.net import XyloNet
from eventstore.errors import InvalidInput

AUDIO2_MODEL = "cycle model of SYNS61201 in Rockpool, devices/xylo/syns61201/power_cycles_model.py"
IMU_MODEL = "cycle model of SYNS63300 in Rockpool, devices/xylo/syns63300/power_cycles_model.py"
CYCLE_MODELS = {
    "xylo_audio2": AUDIO2_MODEL,
    "xylo_audio3": f"{IMU_MODEL}; none is published for SYNS65302, whose core expands alike",
    "xylo_imu": IMU_MODEL,
}
"""Where the model of each chip is from."""

BOS_2024 = (
    "dynamic power of keyword spotting, Bos and Muir 2024, Micro-power spoken keyword spotting on "
    "Xylo Audio 2, arXiv:2406.15112; measured for another network, not scaled to this one"
)
PUBLISHED_MW = {
    "xylo_audio2": (
        0.291,
        BOS_2024,
    )
}
"""Published power in mW with its source; chips without any are not in it."""

MARGIN = 0.2
"""Share by which the recommended clock is above the worst case, as the vendor's tools have it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloCost:
    """Estimated cycles of a run, and the clock and power that go with them.

    Args:
        cycles: clock cycles of each time step of each recording; zero after its end.
        worst_cycles: of a step in which every input and every neuron fires.
        dt: time step in seconds.
        source: where the model of cycles is from.
        pj_per_cycle: energy of a cycle, as given by the user; None: not given.
        resting_mw: power without any work, as given by the user; None: not given.
        published_mw: power published for this chip at another network; None: none is.
        published_source: where that is from.
    """

    cycles: Float64[np.ndarray, "b t"]
    worst_cycles: float
    dt: float
    source: str
    pj_per_cycle: float | None
    resting_mw: float | None
    published_mw: float | None
    published_source: str

    @property
    def mean_clock_hz(self) -> float:
        """Cycles a second on average over all steps that are not padding."""
        worked = self.cycles[self.cycles > 0]
        return float(worked.mean()) / self.dt if worked.size else 0.0

    @property
    def peak_clock_hz(self) -> float:
        """The slowest clock at which every step of this run is done in time."""
        return float(self.cycles.max(initial=0.0)) / self.dt

    @property
    def recommended_clock_hz(self) -> float:
        """A clock at which any input is worked through in time, with a margin of a fifth."""
        return self.worst_cycles * (1 + MARGIN) / self.dt

    @property
    def dynamic_mw(self) -> float | None:
        """What the cycles draw on average; None: the energy of one is not known."""
        return None if self.pj_per_cycle is None else self.mean_clock_hz * self.pj_per_cycle * 1e-9

    @property
    def total_mw(self) -> float | None:
        """Resting and dynamic power; None: one of them is not known."""
        if self.dynamic_mw is None or self.resting_mw is None:
            return None
        return self.resting_mw + self.dynamic_mw


def estimate_cost(
    net: XyloNet,
    run: XyloRun | None = None,
    *,
    pj_per_cycle: float | None = None,
    resting_mw: float | None = None,
) -> XyloCost:
    """Return what a run costs on the chip.

    Args:
        net: the network.
        run: what it did; None: nothing yet, so that only the worst case is known.
        pj_per_cycle: energy of a clock cycle, measured on a chip of yours; none is published.
        resting_mw: power of the chip without any work, likewise.

    Raises:
        InvalidInput: an energy or a power is negative, or the chip has no model of cycles.
    """
    for name, value in (("pj_per_cycle", pj_per_cycle), ("resting_mw", resting_mw)):
        if value is not None and not 0 <= value < float("inf"):
            message = f"{name}={value!r} is no power or energy"
            raise InvalidInput(message, hint="give a number from 0, or leave it out")
    if net.chip not in CYCLE_MODELS:
        message = f"no model of cycles for chip {net.chip!r}"
        raise InvalidInput(message, hint=f"known: {', '.join(sorted(CYCLE_MODELS))}")
    published, source = PUBLISHED_MW.get(net.chip, (None, "none is published"))
    cycles = np.zeros((0, 0))
    if run is not None:
        valid = np.arange(run.output.shape[1]) < run.lengths[:, None]
        cycles = cycles_of(net, run.steps) * valid
    return XyloCost(
        cycles=cycles,
        worst_cycles=worst_cycles(net),
        dt=net.dt,
        source=CYCLE_MODELS[net.chip],
        pj_per_cycle=pj_per_cycle,
        resting_mw=resting_mw,
        published_mw=published,
        published_source=source,
    )


def cycles_of(net: XyloNet, steps: XyloSteps) -> Float64[np.ndarray, "b t"]:
    """Return the cycles of each time step."""
    share = steps.active_hidden / net.n_hidden
    reach = steps.active_reach.astype(np.float64)
    return _cycles(net, steps.active_in, reach, share, steps.firing / net.n_hidden)


def worst_cycles(net: XyloNet) -> float:
    """Return the cycles of a step in which every input and every neuron fires.

    Examples:
        >>> net = XyloNet(
        ...     chip="xylo_audio2", dt=0.01,
        ...     w_in=np.ones((2, 3, 1), np.int8), w_rec=np.zeros((3, 3, 1), np.int8),
        ...     w_out=np.ones((3, 1), np.int8), dash_mem=np.full(3, 4, np.int8),
        ...     dash_syn=np.full((3, 1), 3, np.int8), dash_mem_out=np.full(1, 4, np.int8),
        ...     dash_syn_out=np.full(1, 3, np.int8), threshold=np.full(3, 100, np.int16),
        ...     threshold_out=np.full(1, 100, np.int16), aliases=((), (), ()),
        ... )
        >>> worst_cycles(net)
        137.0
    """
    one = np.ones((1, 1))
    reach = one * np.count_nonzero(net.w_rec.any(axis=2))
    return float(_cycles(net, one * net.n_in, reach, one, one)[0, 0])


def _cycles(
    net: XyloNet,
    active_in: np.ndarray,
    reach: np.ndarray,
    arriving: np.ndarray,
    firing: np.ndarray,
) -> Float64[np.ndarray, "b t"]:
    hidden, out = net.n_hidden, net.n_out
    expands = net.chip != "xylo_audio2"  # inputs and outputs then meet only neurons with a weight
    into = np.count_nonzero(net.w_in.any(axis=(0, 2))) if expands else hidden
    onto = np.count_nonzero(net.w_out.any(axis=1)) if expands else hidden
    aliased = sum(map(len, net.aliases)) / hidden
    spiking = (
        2 * np.maximum(firing, aliased**2)
        + 3 * np.maximum(firing * aliased, aliased**2)
        + firing
        + np.maximum(firing, aliased) * aliased
    )
    total: np.ndarray = (
        3.5 * active_in * into
        + net.n_in
        + 7 * reach
        + 3 * hidden
        + arriving * onto * (1 + 8 * out)
        + (19 + spiking) * hidden
        + 12 * out
    )
    return total
