"""What every packet must satisfy before its events enter a store."""

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.repairs.hints import back_step_hint

_HINT_OF_MODALITY = (
    "keep cameras and cochleas in datasets of their own; --sensor takes WIDTHxHEIGHT of a camera, "
    "or the number of channels of audio"
)


def check_recording(recording_id: str, sensor: Sensor, store: Sensor) -> None:
    """Accept a recording before its first packet.

    Args:
        recording_id: its id.
        sensor: its sensor.
        store: the store's sensor.

    Raises:
        InvalidInput: the id is empty or has control characters, or the sensors are of different
            modalities.
    """
    if not recording_id or any(ord(c) < 32 for c in recording_id):
        message = f"recording id {recording_id!r} is empty or has control characters"
        raise InvalidInput(message, hint="use a path-like name such as 'train/3/00891'")
    if sensor.modality != store.modality:
        message = f"recording {recording_id!r} is {sensor.modality}, the store is {store.modality}"
        raise InvalidInput(message, hint=_HINT_OF_MODALITY)


class PacketChecks:
    """Checks the packets of one recording in order, and keeps its last time.

    Args:
        recording_id: for messages.
        sensor: the recording's sensor.

    Examples:
        >>> checks = PacketChecks("a", Sensor(4, 4))
        >>> checks.check(Events.of(t=[3, 5], x=[0, 3], y=[1, 1], p=[0, 1]))
        >>> checks.t_stop
        6
    """

    def __init__(self, recording_id: str, sensor: Sensor) -> None:
        self.sensor = sensor
        self._recording_id = recording_id
        self._rows = 0
        self._last_t = -1

    @property
    def t_stop(self) -> int:
        """Last t + 1, in µs; 0 before the first event."""
        return self._last_t + 1

    def check(self, packet: Events) -> None:
        """Accept the next packet.

        Raises:
            InvalidInput: time is negative or runs backwards, or an event lies outside the sensor;
                names the recording, the row and the values.
        """
        if not len(packet):
            return
        self._check_time(packet.t)
        sensor = self.sensor
        self._check_top("x" if sensor.modality == "vision" else "c", packet.x, sensor.width)
        self._check_top("y", packet.y, sensor.height)
        self._check_top("p", packet.p, 2)
        if sensor.modality == "audio" and not packet.p.all():
            row = self._rows + int(np.argmin(packet.p))
            message = (
                f"recording {self._recording_id!r} row {row}: polarity 0 in an audio recording"
            )
            raise InvalidInput(message, hint="audio stores t and c only; set p to 1")
        self._rows += len(packet)
        self._last_t = int(packet.t[-1])

    def _check_time(self, t: np.ndarray) -> None:
        first = int(t[0])
        if first < 0 and not self._rows:
            message = (
                f"recording {self._recording_id!r} row {self._rows}: time {first} µs is negative"
            )
            raise InvalidInput(message, hint="times count from the recording's start")
        if first < self._last_t:
            self._refuse_back_step(self._rows, self._last_t, first)
        back = t[1:] < t[:-1]
        if back.any():
            row = int(np.argmax(back))
            self._refuse_back_step(self._rows + row + 1, int(t[row]), int(t[row + 1]))

    def _refuse_back_step(self, row: int, before: int, after: int) -> None:
        message = (
            f"recording {self._recording_id!r} row {row}: "
            f"time runs backwards from {before} to {after} µs"
        )
        raise InvalidInput(message, hint=back_step_hint(before, after))

    def _check_top(self, name: str, values: np.ndarray, size: int) -> None:
        if int(values.max()) < size:
            return
        row = int(np.argmax(values >= size))
        message = (
            f"recording {self._recording_id!r} row {self._rows + row}: "
            f"{name} = {values[row]} is outside 0 … {size - 1}"
        )
        hint = "pass the sensor's true size, or repair with 'drop-outside' (--repair)"
        hint = hint if name != "p" else "polarity is 0 or 1"
        raise InvalidInput(message, hint=hint)
