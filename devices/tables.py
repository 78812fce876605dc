"""Reports, activity and cores as rows of text, for the terminal."""

from devices.fidelity import Report
from devices.results import Mapping, SimResult


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
