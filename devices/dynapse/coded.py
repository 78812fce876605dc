"""A network as a chip holds it: cores with bias currents and base currents, synapses of four bits.

`DynapseNet` has a weight for each pair of neurons; here a weight is a sign and a code of a core's
four base currents. What it decodes to is simulated as any network is.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int8, Int64, UInt8

from devices.dynapse.encoding import BITS, N_BITS
from devices.dynapse.net import DynapseNet, Population
from eventstore.errors import InvalidInput
from snn.dpi.circuit import Circuit
from snn.dpi.inhibition import ROW_COUNTS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedPopulation:
    """Neurons of one layer.

    Args:
        name: the linear layer's name in the model.
        spiking_name: the neurons' name in the model.
        core: core of each neuron.
        codes: source × neuron; 0: no synapse.
        signs: −1 for inhibitory synapses, +1 for excitatory, 0 where there is none.
        recurrent_codes: neuron × neuron; None: spikes do not go back.
        recurrent_signs: their signs.

    Raises:
        InvalidInput: arrays do not fit each other, or a code has a sign of 0.
    """

    name: str
    spiking_name: str
    core: Int64[np.ndarray, " n"]
    codes: UInt8[np.ndarray, "i n"]
    signs: Int8[np.ndarray, "i n"]
    recurrent_codes: UInt8[np.ndarray, "n n"] | None = None
    recurrent_signs: Int8[np.ndarray, "n n"] | None = None

    def __post_init__(self) -> None:
        for codes, signs in self.matrices():
            fits = codes.shape == signs.shape and codes.shape[1] == len(self.core)
            if not fits or ((codes == 0) != (signs == 0)).any() or codes.max(initial=0) > 15:
                message = f"codes and signs of {self.name!r} do not belong together"
                raise InvalidInput(message, hint="a synapse has a code 1 … 15 and a sign ±1")

    def matrices(self) -> list[tuple[UInt8[np.ndarray, "i n"], Int8[np.ndarray, "i n"]]]:
        """Return codes and signs from the sources, and from the neurons themselves."""
        found = [(self.codes, self.signs)]
        if self.recurrent_codes is not None and self.recurrent_signs is not None:
            found.append((self.recurrent_codes, self.recurrent_signs))
        return found

    @property
    def fan_in(self) -> Int64[np.ndarray, " n"]:
        """Synapses of each neuron."""
        rows = np.concatenate([codes > 0 for codes, _ in self.matrices()])
        total: np.ndarray = rows.sum(0, dtype=np.int64)
        return total


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedNet:
    """A network in the currents and codes of a chip.

    Args:
        chip: name of the chip.
        dt: length of a simulated time step in seconds.
        i_scale: amperes that a weight of 1 stands for.
        circuit: what the process of the chip fixes.
        currents: bias currents of each core in amperes, row × core.
        base: base currents of the weights of each core in amperes, core × bit.
        populations: layers in their order.
    """

    chip: str
    dt: float
    i_scale: float
    circuit: Circuit
    currents: Float64[np.ndarray, "p k"]
    base: Float64[np.ndarray, "k 4"]
    populations: tuple[CodedPopulation, ...]

    def __post_init__(self) -> None:
        k = self.currents.shape[1]
        if self.base.shape != (k, N_BITS) or len(self.currents) not in ROW_COUNTS:
            message = f"currents {self.currents.shape} and base currents {self.base.shape} "
            message += "are not of the same cores"
            raise InvalidInput(
                message, hint=f"({ROW_COUNTS[0]} or {ROW_COUNTS[1]}, k) and (k, {N_BITS})"
            )
        for one in self.populations:
            if one.core.max(initial=-1) >= k or one.core.min(initial=0) < 0:
                message = f"{one.name!r} has neurons on core {one.core.max()} of {k}"
                raise InvalidInput(message, hint="number cores from 0 on")

    @property
    def n_cores(self) -> int:
        """Cores in use."""
        return int(self.currents.shape[1])

    @property
    def n_inputs(self) -> int:
        """Channels of the input."""
        return len(self.populations[0].codes)

    @property
    def core(self) -> Int64[np.ndarray, " n"]:
        """Core of each neuron, all populations one after the other."""
        return np.concatenate([one.core for one in self.populations])

    def decoded(self) -> DynapseNet:
        """Return the network that the currents and codes stand for."""
        levels = (BITS @ self.base.T / self.i_scale).astype(np.float32)  # code × core

        def weights(codes: np.ndarray, signs: np.ndarray, core: np.ndarray) -> np.ndarray:
            return np.ascontiguousarray(signs * levels[codes, core])

        populations = []
        for one in self.populations:
            (codes, signs), *rest = one.matrices()
            populations.append(
                Population(
                    name=one.name,
                    spiking_name=one.spiking_name,
                    weight=weights(codes, signs, one.core),
                    recurrent=weights(*rest[0], one.core) if rest else None,
                    currents=np.ascontiguousarray(self.currents[:, one.core]),
                )
            )
        return DynapseNet(
            dt=self.dt,
            i_scale=self.i_scale,
            circuit=self.circuit,
            populations=tuple(populations),
        )
