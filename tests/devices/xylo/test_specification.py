"""Specifications compute what models compute, a time step later with each layer."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import snn
from devices.xylo.chip import XYLO_AUDIO2, XYLO_AUDIO3, XYLO_IMU, XyloSpec
from devices.xylo.handing import without_aliases
from devices.xylo.layout import XyloLayout, lay_out
from devices.xylo.plan import plan_layers
from devices.xylo.quantize import quantize
from devices.xylo.simulate import run_net
from devices.xylo.specification import fill_tables, specification_of
from eventstore.errors import DoesNotFit
from snn.branching import Branching
from snn.layers import CubaLIF
from snn.sequential import SpikingSequential
from tests.devices.xylo.models import DT, graph_of, linear, made, neurons, run_floats

CAPS = ("hidden_caps", "alias_caps", "i_syn", "i_syn_out", "v_mem", "v_mem_out")
"""Where two ways to the same sum may differ: what is held back, and in which order."""


def drawn(seed: int, n_steps: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).poisson(0.6, (n_steps, 6)).astype(np.float64)


@pytest.mark.parametrize(
    ("kind", "lags"),
    [("feed-forward", (0, 1, 2)), ("recurrent", (0, 1)), ("two synapses", (0, 1, 2))],
)
def test_spikes_are_the_model_s_a_step_later_with_each_layer(
    kind: str, lags: tuple[int, ...]
) -> None:
    for seed in range(5):
        model, raster = made(kind, seed).double(), drawn(seed)
        floats = specification_of(graph_of(model), XYLO_AUDIO3)
        hidden, output = run_floats(floats, raster)
        assert hidden.any()
        fired = {
            p.name: p.y[0].detach().numpy() for p in model.walk(torch.from_numpy(raster)[None])
        }
        for layer, lag in zip(floats.layers, lags, strict=True):
            found = (output if layer.is_output else hidden)[:, layer.ids]
            same = found[lag:] == fired[layer.spiking_name][: len(raster) - lag]
            assert same.mean() > 0.999  # single precision of constants may move a spike
            assert not found[:lag].any()


@pytest.mark.parametrize("kind", ["residual", "skipped", "wave"])
def test_aliases_compute_what_repeated_weights_compute(kind: str) -> None:
    plan = plan_layers(graph_of(made(kind)))
    layout = lay_out(plan, XYLO_AUDIO2)
    plain = XyloLayout(plan=plan, handing=without_aliases(plan), hidden=plan.hidden)
    by_alias, by_weight = fill_tables(layout), fill_tables(plain)
    assert any(by_alias.aliases)
    assert not any(by_weight.aliases)
    assert np.count_nonzero(by_alias.w_rec) < np.count_nonzero(by_weight.w_rec) or (
        np.count_nonzero(by_alias.w_out) < np.count_nonzero(by_weight.w_out)
    )
    for seed in range(4):
        raster = 2 * drawn(seed)
        (hidden, first), (_, second) = (run_floats(f, raster) for f in (by_alias, by_weight))
        assert hidden.any()
        np.testing.assert_array_equal(first, second)


def test_normalised_inputs_are_weighed_and_biases_of_weights_settle() -> None:
    first = nn.Linear(6, 4)
    model = SpikingSequential(
        *(first, CubaLIF(2 * DT, 3 * DT, DT, norm_input=True, bias=torch.ones(4))),
        *(linear(4, 3), neurons(3, most=1)),
    )
    floats = specification_of(graph_of(model), XYLO_IMU)
    gain, beta = 1 - np.exp(-1 / 2), np.exp(-1 / 3)
    weight, bias = (p.detach().double().numpy() for p in (first.weight, first.bias))
    np.testing.assert_allclose(floats.w_in[:, :, 0], gain * weight.T, rtol=1e-6)
    assert floats.bias_hidden is not None
    np.testing.assert_allclose(floats.bias_hidden, 1 + gain * bias * beta / (1 - beta), rtol=1e-5)
    assert floats.bias_out is None


def test_a_single_hidden_layer_goes_on_every_chip() -> None:
    graph = graph_of(made("recurrent"))
    tables = [specification_of(graph, spec) for spec in (XYLO_AUDIO2, XYLO_AUDIO3, XYLO_IMU)]
    for table in tables:
        np.testing.assert_array_equal(table.w_rec, tables[0].w_rec)
        assert table.w_in.any(axis=(0, 2)).all()
        assert table.w_out.any(axis=1).all()


def test_a_network_that_breaks_rules_is_refused_with_all_of_them() -> None:
    model = SpikingSequential(linear(6, 8), snn.IAF(), linear(8, 3), snn.IAF())
    with pytest.raises(DoesNotFit, match=r"breaks 2 rules of xylo_imu: 0: .*IAF.*; 2: .*IAF") as it:
        specification_of(graph_of(model), XYLO_IMU)
    assert "train with snn.CubaLIF" in it.value.hint


@st.composite
def branching_models(draw: st.DrawFn) -> snn.SpikingSequential:
    """Return a network of layers of which each takes the sum of some before it."""
    n_layers, width = draw(st.integers(2, 5)), 4
    modules: dict[str, nn.Module] = {}
    sources: dict[str, tuple[str, ...]] = {}
    names = ["input"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(draw(st.integers(0, 2**31)))
        for at in range(n_layers):
            chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
            modules[f"fc{at}"], modules[f"n{at}"] = linear(width, width), neurons(width)
            sources[f"fc{at}"] = tuple(sorted(chosen))
            names.append(f"n{at}")
        spiking = names[1:]
        outputs = draw(st.lists(st.sampled_from(spiking), min_size=1, max_size=3, unique=True))
        block = Branching(modules, sources=sources, outputs=sorted(outputs))
        first, last = (linear(6, width), neurons(width)), (linear(width, 3), neurons(3, most=1))
        return snn.SpikingSequential(*first, block, *last).eval()


@given(model=branching_models(), spec=st.sampled_from([XYLO_AUDIO2, XYLO_AUDIO3]))
@settings(max_examples=25)
def test_any_way_of_meeting_is_computed_alike_by_aliases_and_by_weights(
    model: snn.SpikingSequential, spec: XyloSpec
) -> None:
    plan = plan_layers(graph_of(model))
    layout = lay_out(plan, spec)
    plain = XyloLayout(plan=plan, handing=without_aliases(plan), hidden=plan.hidden)
    raster = 2 * drawn(len(plan.layers))
    tables = [fill_tables(one) for one in (layout, plain)]
    (_, first), (_, second) = (run_floats(floats, raster) for floats in tables)
    np.testing.assert_array_equal(first, second)
    runs = [run_net(quantize(floats, spec), raster[None].astype(np.int64)) for floats in tables]
    if not any(run.tally.totals[name] for run in runs for name in CAPS):
        np.testing.assert_array_equal(runs[0].output, runs[1].output)
