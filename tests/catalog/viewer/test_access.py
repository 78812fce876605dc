"""Who may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.viewer.access import Access, is_loopback, known_hosts, new_token
from eventstore.errors import InvalidInput

ACCESS = Access(token="s" * 43, hosts=known_hosts("127.0.0.1", 8377))


@given(st.text(max_size=60))
def test_only_the_token_admits(text: str) -> None:
    assert ACCESS.admits(text) == (text == "Bearer " + ACCESS.token)
    assert not ACCESS.admits("Bearer " + text)
    assert ACCESS.admits("Bearer " + ACCESS.token)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8377", "127.0.0.1", "127.0.0.1:80", "localhost:8377.evil", ""],
)
def test_other_names_are_not_known(host: str) -> None:
    assert not ACCESS.knows_host(host)
    assert not ACCESS.knows_origin(f"http://{host}")


def test_loopback_has_three_names_and_further_ones_can_be_allowed() -> None:
    hosts = known_hosts("127.0.0.1", 9, ("Lab.example", "tunnel:77"))
    assert hosts == {"127.0.0.1:9", "localhost:9", "[::1]:9", "lab.example:9", "tunnel:77"}
    assert known_hosts("0.0.0.0", 9) == {"0.0.0.0:9", "127.0.0.1:9", "localhost:9", "[::1]:9"}
    assert "localhost:9" not in known_hosts("192.168.1.7", 9)
    assert known_hosts("::1", 80) >= {"[::1]:80", "[::1]"}


@pytest.mark.parametrize("origin", ["null", "file://", "ftp://127.0.0.1:8377", "127.0.0.1:8377"])
def test_odd_origins_are_not_known(origin: str) -> None:
    assert not ACCESS.knows_origin(origin)


def test_names_and_tokens_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="'a b' is no name of a host"):
        known_hosts("127.0.0.1", 9, ("a b",))
    with pytest.raises(InvalidInput, match="a token of 3 letters can be guessed"):
        Access(token="abc", hosts=frozenset())
    assert len({new_token() for _ in range(100)}) == 100


@pytest.mark.parametrize(("host", "is_one"), [("127.8.9.1", True), ("0.0.0.0", False)])
def test_what_is_loopback(host: str, *, is_one: bool) -> None:
    assert is_loopback(host) == is_one
