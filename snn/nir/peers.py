"""What other programs make of NIR graphs: facts found by running them, each with its release.

A peer refuses some nodes, and runs others as neurons of its own, whose steps, resets and units
differ from what NIR says. Facts are of the releases named, with the release of ``nir`` that each
needs; what was not run is not claimed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from eventstore.errors import NotFound
from eventstore.findings import Severity

NEURONS = frozenset({"IF", "LIF", "CubaLIF"})
_ALL = frozenset({"Input", "Output", "NIRGraph"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something a peer does to nodes of some kinds.

    Args:
        kinds: the kinds.
        message: what it does.
        severity: how much that matters.
        fix: what to do about it.
        unless: numbers of the node that must be so for it not to happen; empty: it always does.
    """

    kinds: frozenset[str]
    message: str
    severity: Severity
    fix: str = ""
    unless: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program that reads NIR.

    Args:
        title: its name and release.
        kinds: nodes that it reads.
        recurrent: neurons that it reads with a weight back to them.
        branches: whether it is known to sum paths that meet.
        v_reset: whether it reads files that say what potentials are after a spike.
        after_spike: ``"set"`` to ``v_reset``, ``"subtract"`` thresholds, or ``"late"``: the
            threshold is subtracted in the step after.
        many_spikes: whether a neuron may spike more than once in a step.
        remarks: whatever else it does.
    """

    title: str
    kinds: frozenset[str]
    recurrent: frozenset[str] = frozenset()
    branches: bool = False
    v_reset: bool = True
    after_spike: Literal["set", "subtract", "late"] = "set"
    many_spikes: bool = False
    remarks: tuple[Remark, ...] = ()


def peer_named(name: str) -> Peer:
    """Return a peer.

    Raises:
        NotFound: there is none of this name.

    Examples:
        >>> peer_named("sinabs").title
        'Sinabs 3.1.3'
    """
    if name not in PEERS:
        what = "program that reads NIR"
        raise NotFound.among(what, name, PEERS)
    return PEERS[name]


def _kinds(*names: str) -> frozenset[str]:
    return _ALL | frozenset(names)


_EULER = "decays with 1 − dt/τ where NIR's equations decay with exp(−dt/τ): near for dt ≪ τ"

PEERS: Mapping[str, Peer] = {
    "sinabs": Peer(
        title="Sinabs 3.1.3",
        kinds=_kinds("IF", "LIF", "LI", "Affine", "Conv1d", "Conv2d", "SumPool2d", "Flatten"),
        v_reset=False,
        after_spike="subtract",
        many_spikes=True,
        remarks=(
            Remark(
                kinds=frozenset({"LIF", "LI"}),
                message="reads tau as a number of steps, where NIR has seconds",
                severity=Severity.ERROR,
                fix="divide tau by dt, in a graph for Sinabs alone",
            ),
            Remark(
                kinds=frozenset({"LIF", "LI"}),
                message="refuses v_leak other than 0",
                severity=Severity.ERROR,
                fix="give the layer before a bias instead",
                unless={"v_leak": 0.0},
            ),
            Remark(
                kinds=frozenset({"LIF"}),
                message="weighs inputs by its own default, norm_input=True: 43 spikes became none",
                severity=Severity.WARNING,
                fix="set norm_input of its layers after loading",
            ),
        ),
    ),
    "norse": Peer(
        title="Norse 1.1.0",
        kinds=_kinds(
            *("Affine", "Linear", "Conv2d", "SumPool2d", "Flatten", "IF", "LI", "LIF", "CubaLIF")
        ),
        recurrent=NEURONS,
        remarks=(
            Remark(
                kinds=frozenset({"LIF", "LI"}),
                message="reads and writes tau multiplied by dt, where NIR has seconds",
                severity=Severity.ERROR,
                fix="multiply tau by dt, in a graph for Norse alone, and compare spikes there",
            ),
            Remark(kinds=frozenset({"LIF", "LI"}), message=_EULER, severity=Severity.WARNING),
        ),
    ),
    "snntorch": Peer(
        title="snnTorch 1.0.0",
        kinds=_kinds(
            *("Linear", "Affine", "Conv2d", "AvgPool2d", "Flatten", "IF", "LIF", "CubaLIF")
        ),
        recurrent=frozenset({"LIF", "CubaLIF"}),
        after_spike="late",
        remarks=(
            Remark(
                kinds=frozenset({"LIF", "CubaLIF"}),
                message="refuses r other than 1",
                severity=Severity.ERROR,
                fix="put a Linear of r before the neurons, and 1 in them",
                unless={"r": 1.0},
            ),
            Remark(
                kinds=frozenset({"IF"}),
                message="reads it as a neuron with a leak (beta 0.9 in some releases, else 0)",
                severity=Severity.ERROR,
                fix="set beta of its layers to 1 after loading",
            ),
        ),
    ),
    "spikingjelly": Peer(
        title="SpikingJelly 2.0.0",
        kinds=_kinds(
            *("Linear", "Affine", "Conv1d", "Conv2d", "AvgPool2d", "Flatten"),
            *("IF", "LIF", "CubaLIF"),
        ),
        remarks=(Remark(kinds=frozenset({"LIF"}), message=_EULER, severity=Severity.WARNING),),
    ),
    "rockpool": Peer(
        title="Rockpool 3.1.0",
        kinds=_kinds("Linear", "Affine", "LI", "LIF", "CubaLIF"),
        recurrent=frozenset({"CubaLIF"}),
        v_reset=False,
        after_spike="subtract",
        many_spikes=True,
        remarks=(
            Remark(
                kinds=frozenset({"LIF"}),
                message="fails on it: its reader asks for tau_mem",
                severity=Severity.ERROR,
                fix="export CubaLIF in place of LIF",
            ),
            Remark(
                kinds=frozenset({"LI"}),
                message="rounds tau to whole seconds: below 1 s it becomes 0",
                severity=Severity.ERROR,
                fix="set tau of its layer after loading",
            ),
            Remark(
                kinds=frozenset({"CubaLIF"}),
                message="takes dt to be tau_mem / (1 + r)",
                severity=Severity.WARNING,
                fix="set dt of its layers after loading",
            ),
        ),
    ),
    "lava": Peer(
        title="Lava-DL",
        kinds=frozenset(),
        remarks=(
            Remark(
                kinds=frozenset({"NIRGraph"}),
                message="has no reader of NIR",
                severity=Severity.ERROR,
                fix="see its open request lava-dl #217",
            ),
        ),
    ),
}
"""Programs by the names that ``check_nir`` takes."""
