"""Sizes and times as people read them."""

from hypothesis import given
from hypothesis import strategies as st

from eventstore.notebook.wording import digest_text, duration_text, rate_text


@given(st.floats(0, 1e13))
def test_times_are_short(us: float) -> None:
    assert 0 < len(duration_text(us)) <= 18


def test_what_is_not_known_is_empty() -> None:
    assert rate_text(5, 0) == digest_text("") == digest_text(bytes(32)) == ""
