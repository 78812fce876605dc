"""An axis counts its chunks and shards and names its files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.axis import Axis
from eventstore.codecs import codecs_of


def axis(chunk: int, slots: int) -> Axis:
    codecs = codecs_of("archive")
    return Axis(group="a/b", dimension="row", codecs=codecs, chunk=chunk, shard=chunk * slots)


@given(st.integers(1, 50), st.integers(1, 9), st.integers(0, 10_000))
def test_chunks_and_shards_hold_all_rows(chunk: int, slots: int, n: int) -> None:
    cut = axis(chunk, slots)
    assert cut.slots == slots
    assert 0 <= cut.n_chunks(n) * chunk - n < chunk
    assert 0 <= cut.n_shards(n) * cut.shard - n < cut.shard


@pytest.mark.parametrize("number", [0, 12])
def test_a_shard_lies_below_its_column(number: int) -> None:
    assert axis(4, 2).key("t", number) == f"a/b/t/c/{number}"
