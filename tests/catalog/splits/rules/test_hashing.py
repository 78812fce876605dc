"""The hash never changes."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.splits.rules.hashing import unit_hash


def test_the_hash_is_pinned() -> None:
    # Changing it would move samples of every split made so far.
    assert unit_hash("", "a") == 0.7577506781497009
    assert unit_hash("v1", "a") != unit_hash("", "v1\ta")


@given(st.text(max_size=8), st.text(max_size=8))
def test_hashes_lie_in_the_unit_interval(salt: str, name: str) -> None:
    assert 0 <= unit_hash(salt, name) < 1
