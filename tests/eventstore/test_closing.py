"""Closed at the end of a block, also where that ends in an error."""

import pytest

from eventstore.closing import Closing


class Door(Closing):
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_a_block_gives_the_thing_itself_and_closes_it() -> None:
    door = Door()
    with door as given:
        assert given is door
        assert door.closed == 0
    assert door.closed == 1


def test_an_error_closes_it_too_and_goes_on() -> None:
    door = Door()
    with pytest.raises(KeyError), door:
        raise KeyError
    assert door.closed == 1
