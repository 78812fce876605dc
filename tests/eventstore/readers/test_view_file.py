"""A file over a view behaves as a file of the same bytes."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.readers.view_file import ViewFile

DATA = bytes(range(50))
STEPS = st.one_of(
    st.tuples(st.just("read"), st.integers(-1, 60), st.just(0)),
    st.tuples(
        st.just("seek"),
        st.integers(0, 70),
        st.sampled_from([os.SEEK_SET, os.SEEK_CUR, os.SEEK_END]),
    ),
)


@given(st.lists(STEPS, max_size=12))
def test_it_does_what_a_file_does(steps: list[tuple[str, int, int]]) -> None:
    ours, theirs = ViewFile(memoryview(DATA)), io.BytesIO(DATA)
    for step, number, whence in steps:
        if step == "read":
            assert ours.read(number) == theirs.read(number)
        else:
            assert ours.seek(number, whence) == theirs.seek(number, whence)
        assert ours.tell() == theirs.tell()
    assert ours.readable()
    assert ours.seekable()
    assert not ours.writable()


def test_no_place_before_the_beginning() -> None:
    with pytest.raises(ValueError, match="no place -1"):
        ViewFile(memoryview(DATA)).seek(-1)
