"""The section ``dvs_layer`` of a configuration: what happens to the sensor's events, in order.

Polarities are merged, then maps are pooled, cropped, flipped and at last x and y swapped.
"""

from collections.abc import Sequence
from typing import Any

from devices.speck.chip import SpeckSpec
from devices.speck.config_options import ConfigOptions
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
        InvalidInput: more cores take the input than the sensor can feed, or the region kept is
            not on the pooled map.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> sensor_config(ConfigOptions(), [0], SPECK2F)["cut"]
        {'x': 127, 'y': 127}
    """
    sensor = options.sensor
    targets = list(input_cores) if sensor is not None else []
    if len(targets) > spec.max_destinations:
        message = f"cores {', '.join(map(str, targets))} take the input, the sensor feeds "
        message += f"{spec.max_destinations}"
        hint = "let one layer take the input and feed the others"
        raise InvalidInput(message, hint=hint)
    pool_y, pool_x = (1, 1) if sensor is None else sensor.pool
    rows, columns = spec.max_input // pool_y, spec.max_input // pool_x
    crop = None if sensor is None else sensor.crop
    top, left, bottom, right = crop or (0, 0, rows, columns)
    if not (0 <= top < bottom <= rows and 0 <= left < right <= columns):
        message = f"crop (top, left, bottom, right) = {crop} is not on the pooled map of "
        message += f"{rows} × {columns}"
        raise InvalidInput(message, hint="crop counts pixels after pooling")
    return {
        "destinations": destinations([(core, 1) for core in targets], spec),
        "monitor_enable": options.monitor_sensor,
        "pass_sensor_events": sensor is not None and options.pass_sensor_events,
        "merge": sensor is not None and sensor.merge_polarities,
        "mirror": {
            "x": sensor is not None and sensor.flip_x,
            "y": sensor is not None and sensor.flip_y,
        },
        "mirror_diagonal": sensor is not None and sensor.swap_axes,
        "cut": {"x": right - 1, "y": bottom - 1},
        "origin": {"x": left, "y": top},
        "pooling": {"y": pool_y, "x": pool_x},
        "raw_monitor_enable": options.monitor_raw,
    }


def destinations(sent: Sequence[tuple[int, int]], spec: SpeckSpec) -> list[dict[str, Any]]:
    """Return all destinations of a core: those in use with their pooling, then unused ones.

    Args:
        sent: cores that the spikes go to, each with the pooling on the way.
        spec: the chip.

    Raises:
        InvalidInput: they go to more cores than the chip can.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> [target["enable"] for target in destinations([(3, 2)], SPECK2F)]
        [True, False]
    """
    if len(sent) > spec.max_destinations:
        cores = ", ".join(str(core) for core, _ in sent)
        message = f"spikes go to {cores}: {len(sent)} destinations, the limit is "
        message += f"{spec.max_destinations}"
        raise InvalidInput(message, hint="chip.check(graph) tells which layer branches too far")
    used = [
        {"enable": True, "layer": core, "pooling": pool, "feature_shift": 0} for core, pool in sent
    ]
    unused = [
        {"enable": False, "layer": 0, "pooling": 1, "feature_shift": 0}
        for _ in range(spec.max_destinations - len(sent))
    ]
    return [*used, *unused]
