r"""How each program means the graphs it writes: its discretisation, and what a spike resets.

NIR's files say neither. What a program wrote runs as it did there only if both are known:

| written by | decay | input of LIF | of CubaLIF | after a spike |
|---|---|---|---|---|
| (NIR) | exp(−dt/τ) | (1 − α) R | (1 − β) w R (1 − α) / β | v_reset |
| sinabs 3.1 | exp(−1/τ): τ in steps | 1 | – | v − nθ |
| norse 1.1 | 1 − dt²/τ: τ times dt | (1 − α) R | – | v_reset |
| spikingjelly 2.0 | 1 − dt/τ | (1 − α) R | – | v_reset |
| rockpool 3.1 | exp(−dt/τ) | – | 1; R is α τ / dt | v − nθ |
| snntorch 1.0 | – | – | – | v − θ, one step later: refused |

A dash means that it is refused: not known well enough to reproduce what the program computes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from eventstore.errors import InvalidInput, NotFound
from snn.nir.nodes import IF, LI, LIF, Array, CubaLI, CubaLIF, I, Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Meaning:
    """What a neuron's numbers come to, in one step.

    Args:
        tau: time constant of the membrane in seconds, exact; None: no leak.
        tau_syn: that of the synapse; None: no synapse.
        scale: what the input is multiplied with, on its way to a membrane without a gain.
    """

    tau: Array | None = None
    tau_syn: Array | None = None
    scale: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """One program that writes NIR.

    Args:
        dt: length of a step in seconds that it exports with, unless told otherwise.
        subtracts: its spikes take thresholds off, several a step; else v_reset, and one a step.
        means: what it means by a node at a dt, one function for each kind it is known to write.
        refusal: why its neurons cannot be run here; empty: they can.
    """

    dt: float = 0.001
    subtracts: bool = False
    means: Mapping[str, Callable[..., Meaning]]
    refusal: str = ""


def writer_named(name: str | None) -> Writer:
    """Return a writer; None: one that means what NIR says.

    Raises:
        NotFound: there is no such writer.

    Examples:
        >>> writer_named("sinabs").subtracts
        True
    """
    if name is None:
        return NIR
    if name not in WRITERS:
        what = "writer of NIR files"
        raise NotFound.among(what, name, WRITERS)
    return WRITERS[name]


def meaning_of(node: Node, writer: Writer, dt: float) -> Meaning:
    """Return what a neuron's numbers mean.

    Raises:
        InvalidInput: the writer's neurons cannot be run here, or these numbers cannot.
    """
    if writer.refusal:
        raise InvalidInput(writer.refusal, hint="leave written_by out to run it as NIR defines it")
    if node.kind not in writer.means:
        known = ", ".join(writer.means)
        message = f"what this program means by {node.kind} is not known"
        hint = f"known are {known}; leave written_by out to run it as NIR defines it"
        raise InvalidInput(message, hint=hint)
    return writer.means[node.kind](node, dt)


def share_stays(tau: Array, dt: float) -> Array:
    """Return α = exp(−dt / τ) in double precision.

    Raises:
        InvalidInput: a time constant is not positive.
    """
    if not (tau > 0).all():
        message = f"a time constant is {tau.min():g} s"
        raise InvalidInput(message, hint="time constants are positive; without a leak use IF or I")
    found: Array = np.exp(-dt / tau.astype(np.float64))
    return found


def share_goes(tau: Array, dt: float) -> Array:
    """Return 1 − α, exact for long time constants too."""
    share_stays(tau, dt)
    found: Array = -np.expm1(-dt / tau.astype(np.float64))
    return found


def _euler(tau: Array, step: float, dt: float) -> Array:
    """Return the time constant whose exact decay over dt is a forward Euler step of ``step``."""
    if not (tau > step).all():
        message = f"a time constant of {tau.min():g} is not above the step {step:g} of its program"
        raise InvalidInput(message, hint="is dt that of the program that wrote it?")
    found: Array = -dt / np.log1p(-step / tau.astype(np.float64))
    return found


def _exact(node: LIF | LI, dt: float) -> Meaning:
    return Meaning(tau=node.tau, scale=share_goes(node.tau, dt) * node.r)


def _exact_cuba(node: CubaLIF | CubaLI, dt: float) -> Meaning:
    into = share_goes(node.tau_syn, dt) / share_stays(node.tau_syn, dt) * node.w_in
    scale = into * share_goes(node.tau_mem, dt) * node.r
    return Meaning(tau=node.tau_mem, tau_syn=node.tau_syn, scale=scale)


def _integrator(node: IF | I, dt: float) -> Meaning:
    return Meaning(scale=node.r.astype(np.float64) * dt)


def _in_steps(node: LIF | LI, dt: float) -> Meaning:
    _demand(node.r, 1.0, "r", "sinabs writes 1")
    _demand(node.v_leak, 0.0, "v_leak", "sinabs writes 0")
    return Meaning(tau=node.tau * dt, scale=np.ones(node.tau.shape))


def _if_by_sinabs(node: IF, _: float) -> Meaning:
    _demand(node.r, 1.0, "r", "sinabs writes 1")
    return Meaning(scale=np.ones(node.r.shape))


def _by_norse(node: LIF | LI, dt: float) -> Meaning:
    tau = _euler(node.tau, dt * dt, dt)
    return Meaning(tau=tau, scale=share_goes(tau, dt) * node.r)


def _by_spikingjelly(node: LIF, dt: float) -> Meaning:
    tau = _euler(node.tau, dt, dt)
    return Meaning(tau=tau, scale=share_goes(tau, dt) * node.r)


def _by_rockpool(node: CubaLIF, dt: float) -> Meaning:
    _demand(node.w_in, 1.0, "w_in", "Rockpool writes 1")
    _demand(node.v_leak, 0.0, "v_leak", "what Rockpool means by others is not known")
    tau = node.tau_mem.astype(np.float64)
    r = share_stays(node.tau_mem, dt) * tau / dt
    if not np.allclose(node.r, r, rtol=1e-3):
        message = f"r is {node.r.flat[0]:g}, and at dt {dt:g} s Rockpool writes {r.flat[0]:g}"
        raise InvalidInput(message, hint="pass the dt of the network that was exported")
    return Meaning(tau=node.tau_mem, tau_syn=node.tau_syn, scale=np.ones(tau.shape))


def _demand(found: Array, wanted: float, name: str, why: str) -> None:
    if not np.allclose(found, wanted):
        worst = found.flat[np.abs(found - wanted).argmax()]
        message = f"{name} is {worst:g}, and {why}"
        raise InvalidInput(message, hint="was it written by another program?")


NIR = Writer(
    means={
        "LIF": _exact,
        "LI": _exact,
        "CubaLIF": _exact_cuba,
        "CubaLI": _exact_cuba,
        "IF": _integrator,
        "I": _integrator,
    }
)
WRITERS: Mapping[str, Writer] = {
    "sinabs": Writer(
        subtracts=True, means={"LIF": _in_steps, "LI": _in_steps, "IF": _if_by_sinabs}
    ),
    "norse": Writer(means={"LIF": _by_norse, "LI": _by_norse}),
    "spikingjelly": Writer(dt=1e-4, means={"LIF": _by_spikingjelly, "IF": _integrator}),
    "rockpool": Writer(subtracts=True, means={"CubaLIF": _by_rockpool}),
    "snntorch": Writer(
        dt=1e-4,
        means={},
        refusal="neurons of snnTorch subtract the threshold one step after a spike, undecayed; "
        "no neuron here does",
    ),
}
"""Programs whose meaning is known, by the names that ``written_by`` takes."""
