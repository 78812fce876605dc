"""The section ``dvs_layer`` of a configuration: what happens to the sensor's events, in order.

Polarities are merged, then maps are pooled, cropped, flipped and at last x and y swapped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from devices.speck.chip import SpeckSpec
from devices.speck.config_options import ConfigOptions
from devices.speck.sensor import SensorLayer
from eventstore.errors import InvalidInput


def sensor_config(
    options: ConfigOptions, input_cores: Sequence[int], spec: SpeckSpec
) -> dict[str, Any]:
    """Return the section ``dvs_layer``; switched off where the options name no sensor layer.

    Args:
        options: what the configuration says beside the network.
        input_cores: cores that take the input.
        spec: the chip.

    Raises:
        InvalidInput: more cores take the input than the sensor can feed.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> sensor_config(ConfigOptions(), [0], SPECK2F)["cut"]
        {'x': 127, 'y': 127}
    """
    on = options.sensor is not None
    sensor = options.sensor or SensorLayer()
    targets = list(input_cores) if on else []
    if len(targets) > spec.max_destinations:
        message = f"cores {', '.join(map(str, targets))} take the input, the sensor feeds "
        message += f"{spec.max_destinations}"
        raise InvalidInput(message, hint="let one layer take the input and feed the others")
    top, left, bottom, right = sensor.region
    return {
        "destinations": destinations([(core, 1, 0) for core in targets], spec),
        "monitor_enable": options.monitor_sensor,
        "pass_sensor_events": on and options.pass_sensor_events,
        "merge": sensor.merge_polarities,
        "mirror": {"x": sensor.flip_x, "y": sensor.flip_y},
        "mirror_diagonal": sensor.swap_axes,
        "cut": {"x": right - 1, "y": bottom - 1},
        "origin": {"x": left, "y": top},
        "pooling": {"y": sensor.pool[0], "x": sensor.pool[1]},
        "raw_monitor_enable": options.monitor_raw,
    }


def destinations(sent: Sequence[tuple[int, int, int]], spec: SpeckSpec) -> list[dict[str, Any]]:
    """Return all destinations of a core: those in use with their pooling, then unused ones.

    Args:
        sent: cores that the spikes go to, each with the pooling on the way and what is added to the
            number of a feature.
        spec: the chip.

    Raises:
        InvalidInput: they go to more cores than the chip can.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> [target["enable"] for target in destinations([(3, 2, 0)], SPECK2F)]
        [True, False]
    """
    if len(sent) > spec.max_destinations:
        cores = ", ".join(str(core) for core, _, _ in sent)
        message = f"spikes go to {cores}: {len(sent)} destinations, the limit is "
        message += f"{spec.max_destinations}"
        raise InvalidInput(message, hint="chip.check(graph) tells which layer branches too far")
    used = [
        {"enable": True, "layer": core, "pooling": pool, "feature_shift": shift}
        for core, pool, shift in sent
    ]
    unused = [
        {"enable": False, "layer": 0, "pooling": 1, "feature_shift": 0}
        for _ in range(spec.max_destinations - len(sent))
    ]
    return [*used, *unused]


def sensor_from_config(config: Mapping[str, Any]) -> SensorLayer | None:
    """Return the sensor layer of a configuration; None where it feeds no core.

    Args:
        config: a checked configuration.
    """
    fields = config["dvs_layer"]
    if not any(target["enable"] for target in fields["destinations"]):
        return None
    origin, cut = fields["origin"], fields["cut"]
    layer = SensorLayer(
        merge_polarities=fields["merge"],
        pool=(fields["pooling"]["y"], fields["pooling"]["x"]),
        crop=(origin["y"], origin["x"], cut["y"] + 1, cut["x"] + 1),
        flip_x=fields["mirror"]["x"],
        flip_y=fields["mirror"]["y"],
        swap_axes=fields["mirror_diagonal"],
    )
    whole = replace(layer, crop=None)
    return whole if whole.region == layer.region else layer
