"""Tables of either sign, as of ES-ImageNet."""

import io
from typing import Any

import numpy as np
import pytest

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events
from eventstore.readers import ByteSource, read_source
from eventstore.readers.npz_signed import READER, NpzSignedReader
from eventstore.testing import ReaderContract


def saved(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def source(data: bytes) -> ByteSource:
    return ByteSource("ILSVRC2012_val_00000001.npz", memoryview(data))


class TestNpzSigned(ReaderContract):
    reader = READER
    streams = False  # the directory of a zip is at its end

    def encode(self, events: Events) -> bytes:
        table = np.stack([events.y, events.x, events.t], axis=1)
        return saved(pos=table[events.p == 1], neg=table[events.p == 0])

    def test_round_trip(self) -> None:
        """Events of one time come in order of their sign: compare what is in them."""
        rng = np.random.default_rng(3)
        events = Events.of(
            t=rng.permutation(300), x=rng.integers(0, 34, 300), y=rng.integers(0, 34, 300),
            p=rng.integers(0, 2, 300),
        )  # fmt: skip
        found = READER.read(source(self.encode(events)), sensor=self.sensor).load()
        order = np.argsort(events.t)
        assert found.equals(Events(*(column[order] for column in events)))


def test_columns_are_row_column_and_time() -> None:
    data = saved(pos=np.array([[10, 20, 3]], np.uint8), neg=np.array([[11, 21, 1]], np.uint8))
    events = read_source(source(data)).load()
    assert [column.tolist() for column in events] == [[1, 3], [21, 20], [11, 10], [0, 1]]
    turned = NpzSignedReader(columns="xyt").read(source(data)).load()
    assert turned.x.tolist() == [11, 10]


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"pos": np.zeros((2, 3))}, "no table 'neg'"),
        ({"pos": np.zeros((2, 3)), "neg": np.zeros((2, 2))}, "'neg' is no table of events"),
        ({"pos": np.zeros((2, 3)), "neg": np.zeros((2, 3), bool)}, "'neg' is no table of events"),
        ({"pos": np.array([[1, 2.5, 0]]), "neg": np.zeros((0, 3))}, "fraction"),
    ],
)
def test_other_archives_are_refused(arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(FormatError, match=said):
        READER.read(source(saved(**arrays))).load()


def test_an_order_names_each_column_once() -> None:
    with pytest.raises(InvalidInput, match="no order of the columns"):
        NpzSignedReader(columns="xyp")
