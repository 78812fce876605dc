"""Memory of packets: columns of their own, whatever the number of events."""

import numpy as np
import pytest

from eventstore.events import Events
from eventstore.readers.packets import new_packet


@pytest.mark.parametrize("n", [0, 1, 7, 1000])
def test_columns_lie_apart(n: int) -> None:
    packet = new_packet(n)
    for value, column in enumerate(packet):
        column[:] = value + 1
    assert packet.equals(Events.of(t=[1] * n, x=[2] * n, y=[3] * n, p=[1] * n)) == (n == 0)
    assert [column.tolist() for column in packet] == [[value] * n for value in (1, 2, 3, 4)]
    assert all(column.flags.aligned and column.flags.c_contiguous for column in packet)


def test_packets_share_nothing() -> None:
    first, second = new_packet(5), new_packet(5)
    assert not any(np.shares_memory(a, b) for a, b in zip(first, second, strict=True))
