"""Tables: what a reader of the terminal sees."""

from devices.fidelity import LayerFidelity, Report
from devices.results import CoreUse, Mapping
from devices.tables import core_rows, layer_rows, summary, use_rows

USE = CoreUse(
    layer="conv",
    core=3,
    kernel_words=16384,
    neuron_words=2048,
    bias_words=0,
    kernel_capacity=32768,
    neuron_capacity=32768,
    bias_capacity=1024,
)
LAYER = LayerFidelity(
    name="conv",
    spiking_name="iaf",
    neuron_shape=(2, 4, 4),
    use=USE,
    scale=100.0,
    threshold=100,
    lower_bound=-100,
    float_spikes=1234.56,
    integer_spikes=88.0,
    event_spikes=1300.25,
    synops=98765.4,
    silent_neurons=8,
    n_neurons=32,
    rate=0.5,
    silent=False,
    saturated=False,
)


def test_a_layer_shows_its_core_and_how_integers_differ() -> None:
    report = Report(chip="c", fits=True, n_samples=1, float_accuracy=1.0, layers=(LAYER,))
    head, row = layer_rows(report)
    assert dict(zip(head, row, strict=True)) == {
        "layer": "conv",
        "model": "1,235",
        "integers": "88.0",
        "by event": "1,300",
        "overlap": "–",
        "alone": "–",
        "synops": "98,765",
    }
    assert use_rows(report)[1][:3] == ("3", "conv", "16,384 of 32,768")


def test_a_summary_leaves_out_what_was_not_measured() -> None:
    report = Report(chip="c", fits=False, n_samples=2, float_accuracy=0.5)
    assert [name for name, _ in summary(report)] == ["fits", "samples", "accuracy, model"]
    full = Report(
        chip="c",
        fits=True,
        n_samples=2,
        float_accuracy=0.5,
        integer_accuracy=1.0,
        agreement=0.5,
        silent_samples=1,
        event_accuracy=0.0,
        event_agreement=0.5,
    )
    assert dict(summary(full))["samples without output spike"] == "1"
    assert dict(summary(full))["accuracy, event by event"] == "0.0%"


def test_cores_show_words_used_and_held() -> None:
    (_, row) = core_rows(Mapping(chip="c", uses=(USE,)))
    assert row == ("3", "conv", "16,384 of 32,768", "2,048 of 32,768", "0 of 1,024")
