"""Classes on the channels that the readout sees: nothing but their places changes."""

from dataclasses import replace

import numpy as np
import pytest

from devices.conformance import small_graph
from devices.speck.chip import DYNAPCNN_DEVKIT, SPECK2B, SPECK2E, SPECK2F
from devices.speck.family import speck2f
from devices.speck.quantize import quantize_graph
from devices.speck.readout_spread import spread_readout
from devices.speck.simulate import simulate
from eventstore.errors import DoesNotFit


def test_spread_classes_fire_as_before_and_all_others_never() -> None:
    q = speck2f.quantize(small_graph())
    q = replace(q, layers=tuple(replace(k, weight=np.abs(k.weight)) for k in q.layers))
    wide = speck2f.spread_readout(q)
    assert wide.layers[-1].neuron_shape == (9, 1, 1)
    frames = np.random.default_rng(0).poisson(3.0, (2, 20, 2, 8, 8))
    before, after = simulate(q, frames).output, simulate(wide, frames).output
    assert before.sum() > 0
    np.testing.assert_array_equal(after[..., ::4], before)
    assert after.sum() == before.sum()
    assert speck2f.map(wide).uses[-1].kernel_words > speck2f.map(q).uses[-1].kernel_words


def test_a_chip_without_the_erratum_needs_nothing() -> None:
    q = quantize_graph(small_graph(), SPECK2B)
    layer, same = q.layers[-1], spread_readout(q, SPECK2B).layers[-1]
    np.testing.assert_array_equal(layer.weight, same.weight)


def test_what_the_readout_cannot_take_is_refused() -> None:
    q = quantize_graph(small_graph(), SPECK2E)
    with pytest.raises(DoesNotFit, match="dynapcnndevkit has no on-chip readout"):
        spread_readout(q, DYNAPCNN_DEVKIT)
    first = type(q).chain(chip="speck2f", input_shape=(2, 8, 8), layers=q.layers[:1])
    with pytest.raises(DoesNotFit, match="4 channels of 6 × 6 neurons"):
        spread_readout(first, SPECK2F)
