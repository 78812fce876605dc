"""Damages of one cause that touch are told as one."""

from hypothesis import given
from hypothesis import strategies as st

from eventstore.damage import Damage, damage_of, merged
from eventstore.errors import IntegrityError, MissingContent


def test_reading_says_what_is_wrong() -> None:
    def damaged() -> None:
        message = "crc32c is 1, recorded 2"
        raise IntegrityError(message)

    def missing() -> None:
        message = "a is not here"
        raise MissingContent(message)

    assert damage_of(list, "x", 0, 4) == []
    assert damage_of(damaged, "x", 0, 4) == [
        Damage("x", 0, 4, "crc32c is 1, recorded 2", "checksum")
    ]
    assert damage_of(missing, "y", 4, 8) == [Damage("y", 4, 8, "a is not here", "missing-content")]


CHUNKS = st.lists(
    st.tuples(st.sampled_from("xy"), st.integers(0, 9), st.sampled_from(["gone", "flip"])),
    unique_by=lambda chunk: chunk[:2],
)


@given(CHUNKS)
def test_merging_keeps_every_row_and_leaves_no_neighbours(
    chunks: list[tuple[str, int, str]],
) -> None:
    damages = [Damage(column, k, k + 1, message, "c") for column, k, message in chunks]
    joined = merged(damages)
    rows = {(d.column, row, d.message) for d in joined for row in range(d.start, d.stop)}
    assert rows == set(chunks)
    ends = {(d.column, d.stop, d.message) for d in joined}
    assert not ends & {(d.column, d.start, d.message) for d in joined}
