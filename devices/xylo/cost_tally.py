"""What a network on a Xylo costs over many batches: clock, operations, power, what was held."""

from dataclasses import dataclass, field
from typing import Any

from devices.xylo.activity import XyloRun
from devices.xylo.cycles import estimate_cost
from devices.xylo.net import XyloNet


@dataclass(slots=True)
class CostTally:
    """Sums over runs of one network.

    Args:
        net: the network.
        pj_per_cycle: energy of a clock cycle, as given by the user; None: not given.
        resting_mw: power without any work, as given by the user; None: not given.

    Examples:
        >>> from devices.chips import chip
        >>> from devices.graph import graph_from_model
        >>> from snn.models.synnet import synnet
        >>> model = synnet(4, (16,), bit_shift=True)
        >>> net = chip("xylo_imu").quantize(graph_from_model(model, (16,)))
        >>> facts = CostTally(net).facts()
        >>> facts["recommended_clock_hz"] > 1e5, "mean_clock_hz" in facts
        (True, False)
    """

    net: XyloNet
    pj_per_cycle: float | None = None
    resting_mw: float | None = None
    n_recordings: int = 0
    n_steps: int = 0
    cycles: float = 0.0
    peak_cycles: float = 0.0
    synops: int = 0
    peak_synops: int = 0
    held: dict[str, int] = field(default_factory=dict)

    def add(self, run: XyloRun) -> None:
        """Add what the network did on a batch."""
        cost = estimate_cost(self.net, run)
        self.n_recordings += len(run.lengths)
        self.n_steps += int(run.lengths.sum())
        self.cycles += float(cost.cycles.sum())
        self.peak_cycles = max(self.peak_cycles, float(cost.cycles.max(initial=0.0)))
        self.synops += int(run.steps.synops.sum())
        self.peak_synops = max(self.peak_synops, int(run.steps.synops.max(initial=0)))
        for name, count in run.tally.totals.items():
            self.held[name] = self.held.get(name, 0) + count

    def facts(self) -> dict[str, Any]:
        """Return everything that is known, by name with its unit; without runs, the worst case.

        Raises:
            InvalidInput: an energy or a power is negative, or the chip has no model of cycles.
        """
        cost = estimate_cost(self.net, pj_per_cycle=self.pj_per_cycle, resting_mw=self.resting_mw)
        facts: dict[str, Any] = {
            "chip": self.net.chip,
            "dt_s": self.net.dt,
            "recommended_clock_hz": cost.recommended_clock_hz,
            "cycles_source": cost.source,
            "published_mw": cost.published_mw,
            "published_source": cost.published_source,
        }
        return facts | self._measured() if self.n_steps else facts

    def _measured(self) -> dict[str, Any]:
        mean, rest = self.cycles / self.n_steps / self.net.dt, self.resting_mw
        dynamic = None if self.pj_per_cycle is None else mean * self.pj_per_cycle * 1e-9
        return {
            "n_recordings": self.n_recordings,
            "mean_clock_hz": mean,
            "peak_clock_hz": self.peak_cycles / self.net.dt,
            "mean_synops_per_step": self.synops / self.n_steps,
            "peak_synops_per_step": self.peak_synops,
            "dynamic_mw": dynamic,
            "total_mw": None if dynamic is None or rest is None else dynamic + rest,
            "held": dict(self.held),
        }
