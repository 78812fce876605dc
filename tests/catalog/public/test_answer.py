"""Answers of a web server, told apart."""

from typing import Any, Protocol

import pytest

from catalog.public.answer import MirrorError, ask


class Server(Protocol):
    asked: list[tuple[str, str, str]]

    def serve(self, path: str, data: bytes, **how: Any) -> str: ...
    def dead_url(self) -> str: ...


def failure(url: str, start: int = 0) -> MirrorError:
    with (
        pytest.raises(MirrorError) as caught,
        ask(url, start=start, validator="", timeout_s=5) as answer,
    ):
        list(answer.steps(1))
    return caught.value


def test_an_answer_says_what_it_is(mirrors: Server) -> None:
    url = mirrors.serve("a", b"0123456789")
    with ask(url, start=0, validator="", timeout_s=5) as answer:
        assert (answer.start, answer.total, answer.validator) == (0, 10, '"first"')
        assert b"".join(answer.steps(4)) == b"0123456789"
    with ask(url, start=4, validator='"first"', timeout_s=5) as answer:
        assert (answer.start, answer.total) == (4, 10)
        assert b"".join(answer.steps(4)) == b"456789"
    assert mirrors.asked[1] == ("/a", "bytes=4-", '"first"')


def test_the_first_step_is_long_enough_or_all(mirrors: Server) -> None:
    with ask(mirrors.serve("a", b"abc"), start=0, validator="", timeout_s=5) as answer:
        assert list(answer.steps(512)) == [b"abc"]


def test_another_file_comes_from_its_beginning(mirrors: Server) -> None:
    url = mirrors.serve("a", b"0123456789", etag='"second"')
    with ask(url, start=4, validator='"first"', timeout_s=5) as answer:
        assert (answer.start, answer.validator) == (0, '"second"')


@pytest.mark.parametrize(
    ("status", "passing"), [(404, False), (403, False), (500, True), (503, True), (429, True)]
)
def test_statuses(mirrors: Server, status: int, passing: bool) -> None:
    error = failure(mirrors.serve("a", b"x", statuses=[status]))
    assert (error.passing, error.wrong) == (passing, False)
    assert str(status) in error.reason


def test_past_the_end_means_to_start_over(mirrors: Server) -> None:
    error = failure(mirrors.serve("a", b"abc"), start=3)
    assert (error.outside, error.passing) == (True, True)


def test_a_strange_range_is_refused(mirrors: Server) -> None:
    how = {"statuses": [206], "headers": {"Content-Range": "bytes 0-2/3"}}
    assert "another range: 'bytes 0-2/3'" in failure(mirrors.serve("a", b"x", **how), 2).reason


def test_nobody_listens(mirrors: Server) -> None:
    error = failure(mirrors.dead_url())
    assert error.reason.startswith("no connection:")
    assert error.passing


def test_no_such_host() -> None:
    assert failure("http://name.invalid/a").reason.startswith("no connection:")


@pytest.mark.parametrize("pause", ["30", "99999", "Sat, 28 Nov 2026 12:00:00 GMT"])
def test_the_pause_a_server_asks_for(mirrors: Server, pause: str) -> None:
    error = failure(mirrors.serve("a", b"x", statuses=[503], headers={"Retry-After": pause}))
    assert error.passing == (pause != "99999")
    assert error.pause_s == (float(pause) if pause.isdigit() else 0)
