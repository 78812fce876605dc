"""Runs of neurons."""

from devices.xylo.layer import XyloLayer


def test_a_layer_is_a_run_of_ids() -> None:
    layer = XyloLayer(name="fc", spiking_name="neurons", start=3, stop=7, is_output=True)
    assert (layer.n_neurons, list(range(10))[layer.ids]) == (4, [3, 4, 5, 6])
