r"""Count on where a sensor's stamps ran over and began again at 0.

A stamp of $k$ bits of $\tau$ µs begins again after $T = 2^k \tau$. A step back by more than $T/2$
is taken for that, and $T$ is added to all stamps behind it. Events that straggle in from just
before are told by a stamp in the last sixteenth of $T$ where the one before was in the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.jit import kernel
from eventstore.plugin_options import option
from eventstore.repairs.protocol import RepairReport, Subject

MOST_BITS = 62

_NONE = -1


@kernel
def unwrap(
    t: np.ndarray, out: np.ndarray, period: float, wraps: int, last: int
) -> tuple[int, int, int]:
    """Write unwrapped times; return the wraps so far, the last stamp, the first changed or -1."""
    first = -1
    for i in range(len(t)):
        stamp = t[i]
        if last >= 0:
            if last - stamp > period / 2:
                wraps += 1
            elif wraps > 0 and last < period / 16 and stamp > period - period / 16:
                # A straggler: it alone belongs before the wrap.
                out[i] = stamp + np.int64(np.rint((wraps - 1) * period))
                if wraps > 1 and first < 0:
                    first = i
                continue
        out[i] = stamp + np.int64(np.rint(wraps * period))
        if wraps > 0 and first < 0:
            first = i
        last = stamp
    return wraps, last, first


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwrap:
    """Add the range of the stamps wherever they began again at 0.

    Args:
        bits: width of the stamps.
        tick_us: what one step of them is worth, in µs.

    Raises:
        InvalidInput: a width outside 8 … 62 bits, or a tick that is not positive.
    """

    bits: int = option(32, "width of the stamps in bits")
    tick_us: float = option(1.0, "what one step of the stamps is worth, in µs")
    name: str = "unwrap"
    mends: str = "time runs back by much: the stamps ran over and began again at 0"

    def __post_init__(self) -> None:
        if not 8 <= self.bits <= MOST_BITS:
            message = f"stamps of {self.bits} bits"
            raise InvalidInput(message, hint=f"bits is 8 … {MOST_BITS}, such as 16, 24, 31 or 32")
        if not (0 < self.tick_us <= 1e6 and 2.0**self.bits * self.tick_us < 2.0**MOST_BITS):
            message = f"stamps of {self.bits} bits of {self.tick_us} µs each"
            raise InvalidInput(message, hint="tick_us is in µs and positive, such as 0.2 or 1")

    @property
    def period_us(self) -> float:
        """Time after which the stamps begin again, in µs."""
        return float(2.0**self.bits * self.tick_us)

    def apply(
        self, packets: Iterator[Events], subject: Subject, report: RepairReport
    ) -> Iterator[Events]:
        """Add the wraps.

        Raises:
            InvalidInput: a time does not fit the stamps, so they are not such as `bits` says.
        """
        wraps, last, rows = 0, _NONE, 0
        for packet in packets:
            self._check(subject.name, packet, rows)
            out = np.empty_like(packet.t)
            wraps, last, first = unwrap(packet.t, out, self.period_us, wraps, last)
            report.note(rows, first, changed=int(np.count_nonzero(out != packet.t)))
            rows += len(packet)
            yield Events(out, packet.x, packet.y, packet.p)

    def _check(self, name: str, packet: Events, rows: int) -> None:
        wrong = (packet.t < 0) | (packet.t > self.period_us)
        if wrong.any():
            i = int(np.argmax(wrong))
            message = (
                f"{name}: event {rows + i:,} at {packet.t[i]} µs does not fit stamps of "
                f"{self.bits} bits of {self.tick_us} µs (0 … {self.period_us:.0f} µs)"
            )
            raise InvalidInput(
                message, hint="give the true width and tick: unwrap:bits=…,tick_us=…"
            )


REPAIR = Unwrap()
