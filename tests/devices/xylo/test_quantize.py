"""Rounding to integers: what must hold of every specification, and the defects that are mended."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from devices.xylo.chip import XYLO_AUDIO2
from devices.xylo.quantize import Method, Rounding, choose_scales, incoming, quantize
from devices.xylo.specification import XyloSpecification
from eventstore.errors import InvalidInput
from tests.devices.xylo.float_nets import specifications
from tests.devices.xylo.peer_vectors import CASES, load

METHODS: tuple[Method, ...] = ("global", "channel")


@pytest.mark.parametrize("method", METHODS)
@given(floats=specifications())
@settings(max_examples=60)
def test_every_number_is_its_float_times_the_scale_of_its_neuron(
    method: Method, floats: XyloSpecification
) -> None:
    rounding = Rounding(method=method)
    net = quantize(floats, XYLO_AUDIO2, rounding)
    scales = choose_scales(floats, XYLO_AUDIO2, rounding)
    for found, given_floats, scale in (
        (net.w_in, floats.w_in, scales.hidden[:, None]),
        (net.w_rec, floats.w_rec, scales.hidden[:, None]),
        (net.w_out, floats.w_out, scales.output),
        (net.threshold, floats.threshold, scales.hidden),
        (net.threshold_out, floats.threshold_out, scales.output),
        (net.bias_hidden, floats.bias_hidden, scales.hidden),
        (net.bias_out, floats.bias_out, scales.output),
    ):
        if given_floats is None:
            assert found is None
            continue
        assert found is not None
        assert np.abs(found - given_floats * scale).max() <= 0.5 + 1e-9
    if method == "global":
        assert np.ptp(scales.hidden) == 0
        assert np.ptp(scales.output) == 0


@given(floats=specifications())
@settings(max_examples=40)
def test_no_scale_could_be_larger(floats: XyloSpecification) -> None:
    scales = choose_scales(floats, XYLO_AUDIO2)
    for weights, threshold, bias, scale in (
        (incoming(floats), floats.threshold, floats.bias_hidden, scales.hidden),
        (floats.w_out, floats.threshold_out, floats.bias_out, scales.output),
    ):
        share = np.maximum(np.abs(weights).max(axis=0) / 127, threshold / 32767)
        if bias is not None:
            share = np.maximum(share, np.abs(bias) / 32767)
        np.testing.assert_allclose(scale * share, 1.0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CASES)
def test_theirs_is_ours_but_for_biases(shared_oracles: Path, name: str, method: Method) -> None:
    case = load(shared_oracles, name)
    net, theirs = quantize(case.floats, case.spec, Rounding(method=method)), case.rounded(method)
    for field in theirs:
        if not field.startswith("bias"):
            np.testing.assert_array_equal(getattr(net, field), theirs[field], err_msg=field)
    scales = choose_scales(case.floats, case.spec, Rounding(method=method))
    assert case.floats.bias_hidden is not None
    assert case.floats.bias_out is not None
    np.testing.assert_array_equal(
        net.bias_hidden, np.round(case.floats.bias_hidden * scales.hidden)
    )
    np.testing.assert_array_equal(net.bias_out, np.round(case.floats.bias_out * scales.output))
    assert net.bias_hidden is not None
    assert net.bias_hidden.any()


def test_a_high_threshold_of_outputs_leaves_hidden_weights_alone(shared_oracles: Path) -> None:
    case = load(shared_oracles, "syns61201_rec")
    high = replace(case.floats, threshold_out=case.floats.threshold_out * 1000)
    for method in METHODS:
        plain, net = (
            quantize(floats, case.spec, Rounding(method=method)) for floats in (case.floats, high)
        )
        assert net.threshold_out.max() == 32767
        np.testing.assert_array_equal(net.w_rec, plain.w_rec)
        np.testing.assert_array_equal(net.w_in, plain.w_in)


def test_a_percentile_clips_the_largest_and_makes_the_others_finer(shared_oracles: Path) -> None:
    case = load(shared_oracles, "syns61201_rec")
    for method in METHODS:
        plain, finer = (
            choose_scales(case.floats, case.spec, Rounding(method=method, percentile=p))
            for p in (100.0, 80.0)
        )
        assert (finer.hidden > plain.hidden).all()
        net = quantize(case.floats, case.spec, Rounding(method=method, percentile=80.0))
        assert (np.abs(net.w_in) == 127).sum() > 5
        assert np.abs(net.w_in.astype(int)).max() == 127


def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(InvalidInput, match="percentile 0"):
        Rounding(percentile=0)
    with pytest.raises(InvalidInput, match="unknown method 'fuzzy'"):
        Rounding(method="fuzzy")  # type: ignore[arg-type]
