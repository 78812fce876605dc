"""A network as the tables of a Xylo chip, still in floats: what a quantiser rounds."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Float64

from devices.nodes import INPUT, Dynamics, Graph, Spiking
from devices.rule import told
from devices.xylo.chip import XyloSpec
from devices.xylo.layer import XyloLayer
from devices.xylo.layout import XyloLayout, lay_out
from devices.xylo.plan import PlannedLayer, plan_layers
from devices.xylo.rules import check_graph
from devices.xylo.shifts import rounded_shift, shift_of
from eventstore.errors import DoesNotFit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloSpecification:
    """Weights, decays, thresholds and biases of every neuron, in floats.

    Args:
        dt: time step in seconds.
        w_in: input × hidden × synapse.
        w_rec: hidden × hidden × synapse: from the neuron of the row to that of the column.
        w_out: hidden × output.
        dash_mem: decay of hidden membranes as a shift, not yet rounded.
        dash_syn: the same of hidden synapses.
        dash_mem_out: the same of output membranes.
        dash_syn_out: the same of output synapses.
        threshold: of hidden neurons.
        threshold_out: of output neurons.
        bias_hidden: added to hidden membranes in each step; None: there are none.
        bias_out: the same of output neurons.
        aliases: for each hidden neuron the ids of those that its spikes are handed on to.
        layers: which neurons are which layer of the model.
    """

    dt: float
    w_in: Float64[np.ndarray, "i h s"]
    w_rec: Float64[np.ndarray, "h h s"]
    w_out: Float64[np.ndarray, "h o"]
    dash_mem: Float64[np.ndarray, " h"]
    dash_syn: Float64[np.ndarray, "h s"]
    dash_mem_out: Float64[np.ndarray, " o"]
    dash_syn_out: Float64[np.ndarray, " o"]
    threshold: Float64[np.ndarray, " h"]
    threshold_out: Float64[np.ndarray, " o"]
    bias_hidden: Float64[np.ndarray, " h"] | None = None
    bias_out: Float64[np.ndarray, " o"] | None = None
    aliases: tuple[tuple[int, ...], ...]
    layers: tuple[XyloLayer, ...] = ()


def specification_of(graph: Graph, spec: XyloSpec) -> XyloSpecification:
    """Return a network as tables of hidden and output neurons.

    Args:
        graph: the network.
        spec: the chip.

    Raises:
        DoesNotFit: the network breaks a rule of the chip; names all that it breaks.
    """
    errors = [finding for finding in check_graph(graph, spec) if finding.is_error]
    if errors:
        rules = "1 rule" if len(errors) == 1 else f"{len(errors)} rules"
        message = f"the network breaks {rules} of {spec.name}: {told(errors)}"
        raise DoesNotFit(message, hint=f"{errors[0].where}: {errors[0].fix}")
    return fill_tables(lay_out(plan_layers(graph), spec))


def fill_tables(layout: XyloLayout) -> XyloSpecification:
    """Return the tables of a network whose neurons are numbered, within the limits or not.

    Raises:
        DoesNotFit: it has no output layer, or neurons without time constants.
    """
    return _Tables.of(layout).filled()


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """Where each layer of a network goes, and the weights so far."""

    layout: XyloLayout
    output: PlannedLayer
    ids: dict[str, slice]
    w_in: np.ndarray
    w_rec: np.ndarray
    w_out: np.ndarray

    @classmethod
    def of(cls, layout: XyloLayout) -> Self:
        output = layout.plan.output
        if output is None:
            message = "the network has no output layer"
            raise DoesNotFit(message, hint="check(graph) says what is missing")
        n_syn = max((layer.n_synapses for layer in layout.hidden), default=1)
        n = layout.n_hidden
        return cls(
            layout=layout,
            output=output,
            ids={ids.spiking_name: ids.ids for ids in layout.layers},
            w_in=np.zeros((layout.plan.n_inputs, n, n_syn)),
            w_rec=np.zeros((n, n, n_syn)),
            w_out=np.zeros((n, output.spiking.n_neurons)),
        )

    def filled(self) -> XyloSpecification:
        """Return the whole."""
        for layer in self.layout.plan.layers:
            self._drive(layer)
        hidden = [layer.spiking for layer in self.layout.hidden]
        n_syn = self.w_in.shape[2]
        biases = [_bias(layer) for layer in self.layout.hidden]
        return XyloSpecification(
            dt=_dynamics(self.output.spiking).dt,
            w_in=self.w_in,
            w_rec=self.w_rec,
            w_out=self.w_out,
            dash_mem=np.concatenate([_dash_mem(one) for one in hidden]),
            dash_syn=np.concatenate([_dash_syn(one, n_syn) for one in hidden]),
            dash_mem_out=_dash_mem(self.output.spiking),
            dash_syn_out=_dash_syn(self.output.spiking, 1)[:, 0],
            threshold=np.concatenate([_threshold(one) for one in hidden]),
            threshold_out=_threshold(self.output.spiking),
            bias_hidden=_joined(biases, hidden),
            bias_out=_bias(self.output),
            aliases=self._aliases(),
            layers=self.layout.layers,
        )

    def _drive(self, layer: PlannedLayer) -> None:
        """Add all weights into a layer."""
        spiking, ids = layer.spiking, self.ids[layer.spiking.name]
        gain, n, is_output = _gain(spiking), spiking.n_neurons, layer is self.output
        for drive in layer.drives:
            weight = drive.linear.weight.astype(np.float64).reshape(
                -1, n, drive.linear.weight.shape[1]
            )
            weight *= gain[:, None]
            for source, count in self.layout.handing.rows(drive.sources).items():
                given = count * weight.transpose(2, 1, 0)  # source × neuron × synapse
                if source == INPUT:
                    self.w_in[:, ids, : len(weight)] += given
                elif is_output:
                    self.w_out[self.ids[source]] += given[:, :, 0]
                else:
                    self.w_rec[self.ids[source], ids, : len(weight)] += given
        if spiking.recurrent is not None:
            back = spiking.recurrent.astype(np.float64).reshape(n, -1, n) * gain
            self.w_rec[ids, ids, : back.shape[1]] += back.transpose(0, 2, 1)

    def _aliases(self) -> tuple[tuple[int, ...], ...]:
        found: list[tuple[int, ...]] = [()] * self.layout.n_hidden
        for source, target in self.layout.handing.to.items():
            first, last = self.ids[source], self.ids[target]
            for at in range(first.stop - first.start):
                found[first.start + at] = (last.start + at,)
        return tuple(found)


def _dynamics(spiking: Spiking) -> Dynamics:
    if spiking.dynamics is None or spiking.dynamics.tau_syn is None:
        message = f"neurons {spiking.name!r} have no time constants"
        raise DoesNotFit(message, hint="train with snn.CubaLIF")
    return spiking.dynamics


def _dash_mem(spiking: Spiking) -> np.ndarray:
    dynamics = _dynamics(spiking)
    return shift_of(dynamics.tau_mem, dynamics.dt)


def _dash_syn(spiking: Spiking, n_syn: int) -> np.ndarray:
    """Return the shifts of synapses, neuron × synapse; one that is not used is like the first."""
    dynamics = _dynamics(spiking)
    found = shift_of(_tau_syn(spiking), dynamics.dt)
    unused = np.repeat(found[:1], n_syn - len(found), axis=0)
    return np.concatenate([found, unused]).T


def _tau_syn(spiking: Spiking) -> np.ndarray:
    tau = _dynamics(spiking).tau_syn
    return np.zeros((0, spiking.n_neurons)) if tau is None else tau


def _threshold(spiking: Spiking) -> np.ndarray:
    if spiking.thresholds is not None:
        return spiking.thresholds.astype(np.float64)
    return np.full(spiking.n_neurons, spiking.spike_threshold, np.float64)


def _gain(spiking: Spiking) -> np.ndarray:
    """Return what the currents of each neuron are weighed with."""
    dynamics = _dynamics(spiking)
    if not dynamics.norm_input:
        return np.ones(spiking.n_neurons)
    return 1 - _decay(dynamics.tau_mem, dynamics)


def _decay(tau: np.ndarray, dynamics: Dynamics) -> np.ndarray:
    if dynamics.bit_shift:
        return 1 - np.exp2(-rounded_shift(shift_of(tau, dynamics.dt)).astype(np.float64))
    decay: np.ndarray = np.exp(-dynamics.dt / tau.astype(np.float64))
    return decay


def _bias(layer: PlannedLayer) -> np.ndarray | None:
    """Return the current added to each membrane: the neurons' own, and what weights' biases make.

    A constant b into a synapse of decay β is a current of b β / (1 - β) once that has settled.
    """
    spiking, dynamics = layer.spiking, _dynamics(layer.spiking)
    constant = [d.linear.bias for d in layer.drives if d.linear.bias is not None]
    if dynamics.bias is None and not any(bias.any() for bias in constant):
        return None
    total = np.zeros(spiking.n_neurons) if dynamics.bias is None else dynamics.bias.astype(float)
    beta = _decay(_tau_syn(spiking), dynamics)
    for bias in constant:
        settled = bias.astype(np.float64).reshape(len(beta), -1) * beta / (1 - beta)
        total = total + _gain(spiking) * settled.sum(axis=0)
    return total


def _joined(biases: list[np.ndarray | None], hidden: list[Spiking]) -> np.ndarray | None:
    if all(bias is None for bias in biases):
        return None
    return np.concatenate(
        [
            np.zeros(one.n_neurons) if bias is None else bias
            for bias, one in zip(biases, hidden, strict=True)
        ]
    )
