"""Numbers say at least what changed, and no more than they must."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.diff.bump import Bump, is_enough, next_version
from catalog.versions import parse_version

NUMBERS = st.tuples(*[st.integers(0, 30)] * 3).map(lambda n: ".".join(map(str, n)))
BUMPS = st.sampled_from([Bump.PATCH, Bump.MINOR, Bump.MAJOR])


@given(NUMBERS, BUMPS)
def test_the_next_number_is_higher_and_enough(version: str, bump: Bump) -> None:
    proposed = next_version(version, bump)
    assert parse_version(proposed) > parse_version(version)
    assert is_enough(proposed, version, bump)
    assert not is_enough(version, version, bump)


@given(NUMBERS)
def test_a_smaller_bump_is_never_enough_for_a_greater_one(version: str) -> None:
    assert not is_enough(next_version(version, Bump.PATCH), version, Bump.MINOR)
    if parse_version(version)[0]:
        assert not is_enough(next_version(version, Bump.MINOR), version, Bump.MAJOR)
    else:  # nothing is promised yet
        assert is_enough(next_version(version, Bump.MINOR), version, Bump.MAJOR)


def test_words() -> None:
    assert [bump.text for bump in Bump] == ["none", "patch", "minor", "major"]
