"""All findings at once, whatever the network."""

from pathlib import Path

import pytest
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.xylo.chip import SPECS, XyloSpec
from devices.xylo.layer_rules import HIDDEN_RULES, LAYER_RULES
from devices.xylo.net_rules import NET_RULES
from devices.xylo.rules import check_graph
from snn.models.wavesense import wavesense
from tests.devices.xylo.models import KINDS, graph_of, made


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("kind", KINDS)
def test_networks_of_every_kind_fit_but_for_synapses(kind: str, spec: XyloSpec) -> None:
    errors = {f.check for f in check_graph(graph_of(made(kind)), spec) if f.is_error}
    two = kind in {"two synapses", "wave"}
    assert errors == ({"synapses"} if two and spec.n_synapses == 1 else set())


def test_wavesense_fits_where_its_blocks_do_and_else_is_told_why() -> None:
    fits = wavesense(4, (16,), bit_shift=True)
    large = wavesense(4, (16,), dilations=(2, 4) * 12, bit_shift=True)
    for spec in (one for one in SPECS if one.n_synapses == 2):
        assert not any(f.is_error for f in check_graph(graph_from_model(fits, (16,)), spec))
        told = [f for f in check_graph(graph_from_model(large, (16,)), spec) if f.is_error]
        assert told
        assert all(str(spec.n_hidden) in f.message or f.check != "hidden" for f in told)
        assert all(f.fix for f in told)


def test_a_network_for_another_family_is_told_everything() -> None:
    model = snn.SpikingSequential(
        *(nn.Conv2d(2, 4, 3), snn.IAF(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Linear(36, 3), snn.IAF()),
    )
    for spec in SPECS:
        findings = check_graph(graph_from_model(model, (2, 8, 8)), spec)
        errors = {finding.check for finding in findings if finding.is_error}
        assert {"node-kind", "weights-missing", "neuron-kind", "inputs"} <= errors
        assert all(f.fix and f.where for f in findings)


def test_the_page_names_every_rule() -> None:
    page = (Path(__file__).parents[3] / "docs/how-to/deploy-xylo.md").read_text()
    names = {rule.name for rule in (*LAYER_RULES, *HIDDEN_RULES)} | {r.name for r in NET_RULES}
    assert not [name for name in names if f"`{name}`" not in page]
