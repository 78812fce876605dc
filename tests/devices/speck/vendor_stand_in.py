"""A stand-in for the vendor's library: has the attributes of the real one alone, and records.


It knows nothing of the real library's behaviour: what passes here may be refused there.
"""

import copy
from types import SimpleNamespace
from typing import Any

OLDER = ("low_pass_filter32_not16",)
"""Fields that the stand-in lacks, as an earlier version of the library may."""


class Strict:
    """An object with fixed attributes: unknown names and other types are refused."""

    def __init__(self, template: dict[str, Any]) -> None:
        values = {
            name: Strict(value)
            if isinstance(value, dict)
            else [Strict(entry) for entry in value]
            if isinstance(value, list) and value and isinstance(value[0], dict)
            else copy.deepcopy(value)
            for name, value in template.items()
            if name not in OLDER
        }
        object.__setattr__(self, "__dict__", values)

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.__dict__:
            message = f"no attribute {name!r}"
            raise AttributeError(message)
        if type(value) is not type(self.__dict__[name]):
            message = f"{name}: incompatible argument {value!r}"
            raise TypeError(message)
        self.__dict__[name] = copy.deepcopy(value)


def empty(value: Any) -> Any:
    """Return a configuration's shape with nothing in it."""
    if isinstance(value, dict):
        return {name: empty(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [empty(entry) for entry in value] if value and isinstance(value[0], dict) else []
    return type(value)()


class Spike(SimpleNamespace):
    """A spike as the library tells it."""


class DvsEvent(SimpleNamespace):
    """Another kind of event."""


class StandIn:
    """The library: opens one board, records what is done to it."""

    def __init__(
        self, config: dict[str, Any], board: str = "Speck2fDevKit", refusal: str = ""
    ) -> None:
        used = next(core for core in config["cnn_layers"] if "dimensions" in core)
        template = {name: empty(part) for name, part in config.items() if name != "header"}
        template["cnn_layers"] = [empty(used) for _ in config["cnn_layers"]]
        self.calls: list[tuple[str, Any]] = []
        self.events: list[object] = []
        self.speck2f = SimpleNamespace(
            configuration=SimpleNamespace(SpeckConfiguration=lambda: Strict(template)),
            validate_configuration=lambda _: (not refusal, refusal),
        )
        note = self._note
        self.handle = SimpleNamespace(
            get_model=lambda: SimpleNamespace(apply_configuration=note("apply")),
            get_io_module=lambda: SimpleNamespace(
                set_slow_clk_rate=note("rate"), set_slow_clk=note("clock")
            ),
            get_stop_watch=lambda: SimpleNamespace(
                set_enable_value=note("watch"), reset=lambda: self.calls.append(("reset", None))
            ),
            get_model_source_node=lambda: "source",
            reset_board_soft=note("soft reset"),
        )
        self.device = SimpleNamespace(
            get_unopened_devices=lambda: [SimpleNamespace(device_type_name=board)] if board else [],
            open_device=lambda _: self.handle,
            close_device=note("close"),
        )
        self.graph = SimpleNamespace(
            sink_from=lambda _: SimpleNamespace(get_events=self._take_events)
        )

    def _note(self, what: str) -> Any:
        return lambda value: self.calls.append((what, value))

    def _take_events(self) -> list[object]:
        taken, self.events = self.events, []
        return taken
