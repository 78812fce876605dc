"""The order of hidden neurons: those that take inputs first, those that reach outputs last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devices.nodes import INPUT
from devices.xylo.chip import XyloSpec
from devices.xylo.handing import Handing, choose_aliases, without_aliases
from devices.xylo.layer import XyloLayer
from devices.xylo.plan import PlannedLayer, XyloPlan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloLayout:
    """A plan with a number for every neuron; it need not be within the limits of a chip.

    Args:
        plan: the network.
        handing: which layers hand their spikes on.
        hidden: hidden layers in the order of their ids.
    """

    plan: XyloPlan
    handing: Handing
    hidden: tuple[PlannedLayer, ...]

    @property
    def layers(self) -> tuple[XyloLayer, ...]:
        """Which ids each layer has, the output layer last."""
        made, start = [], 0
        for layer in self.hidden:
            stop = start + layer.spiking.n_neurons
            made.append(
                XyloLayer(name=layer.name, spiking_name=layer.spiking.name, start=start, stop=stop)
            )
            start = stop
        last = self.plan.output
        if last is not None:
            made.append(
                XyloLayer(
                    name=last.name,
                    spiking_name=last.spiking.name,
                    start=0,
                    stop=last.spiking.n_neurons,
                    is_output=True,
                )
            )
        return tuple(made)

    @property
    def n_hidden(self) -> int:
        """How many hidden neurons there are."""
        return sum(layer.spiking.n_neurons for layer in self.hidden)

    @property
    def n_reached(self) -> int:
        """So many neurons from the first on hold all that take inputs."""
        stops = [ids.stop for ids, layer in self._numbered() if INPUT in layer.sources]
        return max(stops, default=0)

    @property
    def n_reaching(self) -> int:
        """So many neurons from the last back hold all that reach outputs."""
        senders = self.senders()
        starts = [ids.start for ids, layer in self._numbered() if layer.spiking.name in senders]
        return self.n_hidden - min(starts, default=self.n_hidden)

    def senders(self) -> frozenset[str]:
        """Return the names of the neurons that have weights into the output layer."""
        return _senders(self.plan, self.handing)

    def fits(self, spec: XyloSpec) -> bool:
        """Say whether inputs and outputs are in reach, and aliases go to later neurons."""
        place = {layer.spiking.name: at for at, layer in enumerate(self.hidden)}
        forward = all(place[a] < place[b] for a, b in self.handing.to.items())
        return (
            forward
            and (spec.input_reach is None or self.n_reached <= spec.input_reach)
            and (spec.output_reach is None or self.n_reaching <= spec.output_reach)
        )

    def _numbered(self) -> Iterator[tuple[XyloLayer, PlannedLayer]]:
        hidden = (layer for layer in self.layers if not layer.is_output)
        return zip(hidden, self.hidden, strict=True)


def lay_out(plan: XyloPlan, spec: XyloSpec) -> XyloLayout:
    """Number the neurons of a network for a chip.

    On a chip whose inputs and outputs reach all neurons they stay in topological order; else layers
    that take inputs come first and layers that reach outputs last. Aliases go to neurons with a
    higher id, which then fire in the same time step; where that cannot be, weights are repeated
    instead.
    """
    tried = [
        XyloLayout(plan=plan, handing=handing, hidden=tuple(order))
        for handing in (choose_aliases(plan), without_aliases(plan))
        for order in _orders(plan, handing, spec)
    ]
    return next((layout for layout in tried if layout.fits(spec)), tried[0])


def _orders(plan: XyloPlan, handing: Handing, spec: XyloSpec) -> Iterator[Sequence[PlannedLayer]]:
    if spec.input_reach is not None or spec.output_reach is not None:
        senders = _senders(plan, handing)
        ends = {
            layer.spiking.name: (INPUT in layer.sources, layer.spiking.name in senders)
            for layer in plan.hidden
        }
        for both, neither in ((1, 2), (2, 1)):  # layers at both ends before or after the others
            rank = {(True, False): 0, (True, True): both, (False, False): neither}
            ranks = [rank.get(ends[layer.spiking.name], 3) for layer in plan.hidden]
            order = sorted(range(len(ranks)), key=ranks.__getitem__)
            yield [plan.hidden[at] for at in order]
    yield plan.hidden


def _senders(plan: XyloPlan, handing: Handing) -> frozenset[str]:
    drives = plan.output.drives if plan.output is not None else ()
    return frozenset(name for drive in drives for name in handing.rows(drive.sources))
