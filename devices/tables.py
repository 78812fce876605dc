"""Reports, activity and cores as rows of text, for the terminal."""

from devices.fidelity import Report
from devices.results import Mapping, QuantizedGraph, SimResult


def summary(report: Report) -> list[tuple[str, str]]:
    """Return names and values of what a report says of the network as a whole.

    Examples:
        >>> report = Report(chip="speck2f", fits=False, n_samples=4, float_accuracy=0.5)
        >>> summary(report)[-1]
        ('accuracy, model', '50.0%')
    """
    rows = [
        ("fits", "yes" if report.fits else "no"),
        ("samples", f"{report.n_samples:,}"),
        ("accuracy, model", f"{report.float_accuracy:.1%}"),
    ]
    shares = (
        ("accuracy, integers", report.integer_accuracy),
        ("agreement with the model", report.agreement),
        ("accuracy, event by event", report.event_accuracy),
        ("agreement, event by event", report.event_agreement),
    )
    rows += [(name, f"{share:.1%}") for name, share in shares if share is not None]
    if report.silent_samples:
        rows.append(("samples without output spike", f"{report.silent_samples:,}"))
    return rows


def layer_rows(report: Report) -> list[tuple[str, ...]]:
    """Return a head and one row a layer: where it lies, what it takes, what it does."""
    head = ("layer", "core", "weights", "states", "model", "integers", "by event", "synops")
    rows = [
        (
            layer.name,
            str(layer.use.core),
            f"{layer.use.kernel_words / layer.use.kernel_capacity:.0%}",
            f"{layer.use.neuron_words / layer.use.neuron_capacity:.0%}",
            _number(layer.float_spikes),
            _number(layer.integer_spikes),
            _number(layer.event_spikes),
            _number(layer.synops),
        )
        for layer in report.layers
    ]
    return [head, *rows]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def activity_facts(result: SimResult, mapping: Mapping) -> list[dict[str, str | int | float]]:
    """Return what each layer did during a simulation, by name."""
    return [
        {
            "layer": activity.name,
            "core": use.core,
            "spikes_per_sample": round(float(activity.spikes.mean()), 2),
            "synops_per_sample": round(float(activity.synops.mean()), 1),
            "rate": round(activity.rate, 5),
            "silent_neurons": activity.silent_neurons,
            "neurons": activity.n_neurons,
        }
        for activity, use in zip(result.layers, mapping.uses, strict=True)
    ]


def activity_rows(result: SimResult, mapping: Mapping) -> list[tuple[str, ...]]:
    """Return a head and one row a layer: what it did during a simulation."""
    head = ("layer", "core", "spikes", "synops", "spikes/neuron/step", "silent neurons")
    rows = [
        (
            activity.name,
            str(use.core),
            _number(float(activity.spikes.mean())),
            _number(float(activity.synops.mean())),
            f"{activity.rate:.3f}",
            f"{activity.silent_neurons:,} of {activity.n_neurons:,}",
        )
        for activity, use in zip(result.layers, mapping.uses, strict=True)
    ]
    return [head, *rows]


def integer_facts(q: QuantizedGraph) -> list[dict[str, str | int | float]]:
    """Return what the integers of each layer are, by name."""
    return [
        {
            "layer": layer.name,
            "weights": "×".join(map(str, layer.weight.shape)),
            "scale": round(layer.scale, 4),
            "threshold": layer.threshold,
            "lower_bound": layer.lower_bound,
            "zero_weights": round(float((layer.weight == 0).mean()), 4),
        }
        for layer in q.layers
    ]


def integer_rows(q: QuantizedGraph) -> list[tuple[str, ...]]:
    """Return a head and one row a layer: what its integers are."""
    head = ("layer", "weights", "scale", "threshold", "lower bound", "weights of 0")
    rows = [
        (
            str(facts["layer"]),
            str(facts["weights"]),
            f"{facts['scale']:,.1f}",
            f"{facts['threshold']:,}",
            f"{facts['lower_bound']:,}",
            f"{facts['zero_weights']:.1%}",
        )
        for facts in integer_facts(q)
    ]
    return [head, *rows]


def core_rows(mapping: Mapping) -> list[tuple[str, ...]]:
    """Return a head and one row a layer: its core and how much of that it takes.

    Examples:
        >>> core_rows(Mapping(chip="speck2f", uses=()))
        [('core', 'layer', 'weight words', 'state words', 'bias words')]
    """
    rows = [
        (
            str(use.core),
            use.layer,
            f"{use.kernel_words:,} of {use.kernel_capacity:,}",
            f"{use.neuron_words:,} of {use.neuron_capacity:,}",
            f"{use.bias_words:,} of {use.bias_capacity:,}",
        )
        for use in mapping.uses
    ]
    return [("core", "layer", "weight words", "state words", "bias words"), *rows]
