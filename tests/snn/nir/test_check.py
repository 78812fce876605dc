from dataclasses import replace

import numpy as np
import pytest
from torch import nn

from eventstore.errors import InvalidInput, NotFound
from eventstore.findings import Finding, Severity
from snn.branching import Branching
from snn.layers import ALIF, IAF, LIF, AxonalDelay, CubaLIF, ExpLeak, ParallelLIF, Recurrent
from snn.nir.check import check_nir
from snn.nir.exporting import to_nir
from snn.nir.nodes import IF, NIRGraph
from snn.nir.nodes import LIF as LIFNode
from snn.nir.peers import PEERS
from snn.sequential import SpikingSequential


def found(peer: str, *modules: nn.Module, shape: tuple[int, ...] = (3,)) -> list[Finding]:
    return check_nir(to_nir(SpikingSequential(*modules), shape, private=True), peer)


def said(findings: list[Finding], check: str) -> list[str]:
    return [f"{one.where}: {one.message}" for one in findings if one.check == f"nir-{check}"]


def bad(findings: list[Finding]) -> set[str]:
    return {one.check.removeprefix("nir-") for one in findings if one.is_error}


ONCE = LIF(reset="set", max_spikes=1)


def test_what_fits_has_no_errors() -> None:
    assert bad(found("spikingjelly", nn.Linear(3, 2), ONCE, nn.Linear(2, 2), ONCE)) == set()
    once = IAF(reset="set", max_spikes=1)
    assert bad(found("norse", nn.Linear(3, 2), Recurrent(once, 2), nn.Linear(2, 2))) == set()
    own = to_nir(SpikingSequential(nn.Linear(3, 4), IAF()), (3,))
    node = own.nodes["1"]
    assert isinstance(node, IF)
    nodes = {**own.nodes, "1": replace(node, v_reset=None)}
    assert bad(check_nir(replace(own, nodes=nodes), "sinabs")) == set()


@pytest.mark.parametrize(
    ("peer", "module", "kind"),
    [
        ("sinabs", nn.Linear(3, 3, bias=False), "Linear"),
        ("sinabs", CubaLIF(), "CubaLIF"),
        ("rockpool", IAF(), "IF"),
        ("spikingjelly", ExpLeak(), "LI"),
        ("snntorch", ExpLeak(), "LI"),
        ("norse", AxonalDelay(0.0, 3, max_delay=0.01), "Delay"),
        ("norse", ParallelLIF(), "Threshold"),
    ],
)
def test_nodes_that_a_program_does_not_read_are_errors(
    peer: str, module: nn.Module, kind: str
) -> None:
    (message,) = said(found(peer, module), "kind")
    assert f"does not read {kind}" in message


def test_how_spikes_reset_is_compared() -> None:
    assert said(found("norse", IAF(max_spikes=1)), "reset") == [
        "0: Norse 1.1.0 sets potentials to v_reset after a spike, and it was 'subtract' here"
    ]
    (message,) = said(found("sinabs", ONCE), "reset")
    assert "subtracts the threshold" in message
    (late,) = (one for one in found("snntorch", ONCE) if one.check == "nir-reset")
    assert late.severity == Severity.WARNING
    assert said(found("rockpool", CubaLIF()), "reset") == []


def test_how_often_neurons_spike_is_compared() -> None:
    assert "at most one spike a step, here any number" in said(found("norse", IAF()), "spikes")[0]
    assert "here at most 2" in said(found("sinabs", IAF(max_spikes=2)), "spikes")[0]
    assert said(found("sinabs", IAF()), "spikes") == []
    assert said(found("norse", IAF(max_spikes=1)), "spikes") == []


def test_bounds_and_private_layers_are_lost() -> None:
    assert said(found("norse", LIF(min_v_mem=-1.5)), "bound") == [
        "0: the lower bound -1.5 of its potential is lost"
    ]
    for module, words in (
        (ALIF(), "rises with spikes"),
        (CubaLIF(tau_syn=[0.01, 0.02], train=("tau_syn",)), "2 synapses"),
        (CubaLIF(tau_syn=[0.01, 0.02, 0.03]), "3 synapses"),
    ):
        findings = (
            check_nir(to_nir(SpikingSequential(module), shape, private=True), "norse")
            for shape in [(3,) if isinstance(module, ALIF) else (module.neuron.n_synapses, 3)]
        )
        assert words in said(next(findings), "private")[0]
    split = found("norse", nn.Unflatten(1, (1, 3)))
    assert said(split, "private") == ["0: its axis stays in one piece"]
    assert said(found("norse", CubaLIF()), "private") == []


def test_facts_of_each_program_are_said_where_they_hold() -> None:
    assert "number of steps" in said(found("sinabs", ONCE), "peer")[0]
    assert "tau multiplied by dt" in said(found("norse", ONCE), "peer")[0]
    assert "beta 0.9" in said(found("snntorch", IAF()), "peer")[0]
    assert "tau_mem / (1 + r)" in said(found("rockpool", CubaLIF()), "peer")[0]
    assert "below 1 s it becomes 0" in said(found("rockpool", ExpLeak()), "peer")[0]
    assert said(found("snntorch", ONCE), "peer") == []
    (message,) = said(found("snntorch", LIF(norm_input=False)), "peer")
    assert "refuses r other than 1 (r is 20.5" in message
    leaky = to_nir(SpikingSequential(ONCE), (3,))
    node = leaky.nodes["0"]
    assert isinstance(node, LIFNode)
    nodes = {**leaky.nodes, "0": replace(node, v_leak=np.array([0, 0.5, 0.1]))}
    messages = said(check_nir(replace(leaky, nodes=nodes), "sinabs"), "peer")
    assert any("v_leak is 0.5" in message for message in messages)


def test_the_dialect_is_compared() -> None:
    (one,) = (f for f in found("sinabs", IAF()) if f.check == "nir-dialect")
    assert "older dialect: v_reset=False" in one.fix
    (one,) = (
        f for f in found("rockpool", IAF(reset="set", v_reset=-0.5)) if f.check == "nir-dialect"
    )
    assert "let 0 be reset to 0" in one.fix
    assert said(found("norse", IAF()), "dialect") == []
    assert said(found("sinabs", ExpLeak()), "dialect") == []


def test_spikes_that_go_back_need_a_program_that_takes_them() -> None:
    for peer in ("sinabs", "spikingjelly"):
        (message,) = said(found(peer, Recurrent(CubaLIF(), 3)), "recurrent")
        assert message.startswith("0: ")
    assert said(found("rockpool", Recurrent(CubaLIF(), 3)), "recurrent") == []
    assert len(said(found("rockpool", Recurrent(LIF(), 3)), "recurrent")) == 1
    assert len(said(found("norse", Recurrent(ParallelLIF(), 3)), "recurrent")) == 1


def test_paths_that_meet_are_a_warning() -> None:
    block = Branching({"a": nn.Linear(3, 3), "b": nn.Linear(3, 3)}, outputs=("a", "b", "input"))
    (one,) = (f for f in found("norse", block) if f.check == "nir-branches")
    assert (one.where, one.severity) == ("0", Severity.WARNING)
    assert "meet at output" in one.message
    assert said(found("norse", Recurrent(IAF(), 3)), "branches") == []


def test_shapes_that_the_package_gets_wrong_are_errors() -> None:
    square = nn.Conv2d(2, 2, 3)
    for module in (nn.Conv2d(2, 2, 3, groups=2), nn.Conv2d(2, 2, (3, 1))):
        assert len(said(found("norse", module, shape=(2, 6, 6)), "shape")) == 1
    assert said(found("norse", square, shape=(2, 6, 6)), "shape") == []


def test_steps_and_training_are_notes_on_the_whole() -> None:
    findings = found("norse", nn.Linear(3, 3), nn.Dropout(), LIF(dt=0.004), IAF())
    assert said(findings, "dt") == ["graph: made for steps of 0.004 s, which NIR does not say"]
    dropout, trained = said(findings, "training")
    assert "dropout is not in the graph: 1" in dropout
    assert "how 2, 3 are trained" in trained


def test_of_other_programs_graphs_what_nir_says_is_compared() -> None:
    own = to_nir(SpikingSequential(ONCE), (3,))
    node = own.nodes["0"]
    bare = NIRGraph(nodes={**own.nodes, "0": replace(node, metadata={})}, edges=own.edges)
    findings = check_nir(bare, "sinabs")
    assert bad(findings) == {"dialect", "peer", "reset"}
    assert said(findings, "dt") == []
    assert bad(check_nir(bare, "spikingjelly")) == set()


@pytest.mark.parametrize("peer", PEERS)
def test_each_finding_says_what_to_do_or_is_a_note(peer: str) -> None:
    net = [nn.Linear(3, 3), LIF(min_v_mem=-1), Recurrent(CubaLIF(), 3), IAF(), ExpLeak()]
    findings = found(peer, *net)
    assert findings
    assert all(one.fix for one in findings if one.is_error)


def test_who_reads_nothing_is_one_error_and_who_is_unknown_is_named() -> None:
    (one,) = found("lava", IAF())
    assert one.is_error
    with pytest.raises(NotFound, match="sinabs"):
        found("sinab", IAF())
    own = to_nir(SpikingSequential(IAF()), (3,))
    damaged = {**own.nodes, "0": replace(own.nodes["0"], metadata={"spikelake": "{"})}
    with pytest.raises(InvalidInput, match=r"node '0' \(IF\): its metadata"):
        check_nir(replace(own, nodes=damaged), "norse")
