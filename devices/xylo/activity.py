"""What a run of a Xylo network hands back: spikes, states, and what was counted on the way."""

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Int16, Int64, UInt8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloState:
    """The state of a network between two time steps, of each recording of a batch.

    Args:
        i_syn: synaptic currents, synapse × neuron; hidden neurons first, then outputs, whose
            second synapse stays at zero.
        v_mem: membranes, in the same order.
        spikes: spikes of the last step, still on their way.
    """

    i_syn: Int16[np.ndarray, "b s m"]
    v_mem: Int16[np.ndarray, "b m"]
    spikes: UInt8[np.ndarray, "b m"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloTraces:
    """States and spikes at the end of each time step; zero after the end of a recording.

    Args:
        v_mem: membranes of hidden neurons.
        i_syn: currents of hidden neurons, synapse by synapse.
        spikes: spikes of hidden neurons, aliases and caps included.
        v_mem_out: membranes of output neurons.
        i_syn_out: currents of output neurons.
    """

    v_mem: Int16[np.ndarray, "b t h"]
    i_syn: Int16[np.ndarray, "b t s h"]
    spikes: UInt8[np.ndarray, "b t h"]
    v_mem_out: Int16[np.ndarray, "b t o"]
    i_syn_out: Int16[np.ndarray, "b t o"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloSteps:
    """What happened in each time step of each recording.

    Args:
        spikes_in: spikes of inputs that arrive.
        spikes_rec: spikes of hidden neurons, from the step before, that arrive.
        synops_in: spikes of inputs × synapses each reaches.
        synops_rec: spikes of hidden neurons that arrive × hidden synapses each reaches.
        synops_out: the same spikes × outputs each reaches.
        active_in: inputs with a spike.
        active_hidden: hidden neurons with a spike that arrives.
        active_reach: hidden neurons that each of these reaches, summed, however many its spikes.
        firing: hidden neurons that fire.
    """

    spikes_in: Int64[np.ndarray, "b t"]
    spikes_rec: Int64[np.ndarray, "b t"]
    synops_in: Int64[np.ndarray, "b t"]
    synops_rec: Int64[np.ndarray, "b t"]
    synops_out: Int64[np.ndarray, "b t"]
    active_in: Int64[np.ndarray, "b t"]
    active_hidden: Int64[np.ndarray, "b t"]
    active_reach: Int64[np.ndarray, "b t"]
    firing: Int64[np.ndarray, "b t"]

    @property
    def synops(self) -> Int64[np.ndarray, "b t"]:
        """Synaptic operations of each step."""
        total: np.ndarray = self.synops_in + self.synops_rec + self.synops_out
        return total


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloTally:
    """How often the widths of the chip held a value back, in each recording.

    A state that is held at its bound has lost something; more than a few of these mean that
    weights or inputs are too strong for 16 bits.

    Args:
        i_syn: sums of a hidden synapse, one a source and step, held within 16 bits.
        i_syn_out: the same of output synapses.
        v_mem: hidden membranes, one a neuron and step, in whose sum a value was held.
        v_mem_out: the same of output membranes.
        hidden_caps: hidden neurons at their 31 spikes of a step, with threshold left to fire more.
        alias_caps: spikes handed on to an alias that would have had more than 31.
        output_caps: outputs at their one spike of a step, with threshold left to fire more.
        input_caps: entries of the input above 15 spikes.
    """

    i_syn: Int64[np.ndarray, " b"]
    i_syn_out: Int64[np.ndarray, " b"]
    v_mem: Int64[np.ndarray, " b"]
    v_mem_out: Int64[np.ndarray, " b"]
    hidden_caps: Int64[np.ndarray, " b"]
    alias_caps: Int64[np.ndarray, " b"]
    output_caps: Int64[np.ndarray, " b"]
    input_caps: Int64[np.ndarray, " b"]

    @property
    def totals(self) -> dict[str, int]:
        """Each count over all recordings, by name."""
        return {field.name: int(getattr(self, field.name).sum()) for field in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class XyloRun:
    """What a network did on a batch of recordings.

    Args:
        output: spikes of the outputs in each time step; zero after the end of a recording.
        lengths: time steps of each recording.
        spikes: spikes of each neuron over all steps, hidden ones first.
        steps: what happened in each time step.
        tally: how often a width held a value back.
        state: state at the end; give it to the next run to go on.
        traces: states of each time step, if asked for.
    """

    output: UInt8[np.ndarray, "b t o"]
    lengths: Int64[np.ndarray, " b"]
    spikes: Int64[np.ndarray, "b m"]
    steps: XyloSteps
    tally: XyloTally
    state: XyloState
    traces: XyloTraces | None

    @property
    def counts(self) -> Int64[np.ndarray, "b o"]:
        """Spikes of each output for each recording."""
        total: np.ndarray = self.spikes[:, self.spikes.shape[1] - self.output.shape[2] :]
        return total
