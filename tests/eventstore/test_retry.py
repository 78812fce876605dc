"""Failures that pass are told from those that last, whatever package they come from."""

from typing import Any

import aiohttp
import pytest
from yarl import URL

from eventstore.errors import InvalidInput
from eventstore.retry import Failure, Retry, classify

boto: Any = pytest.importorskip("botocore.exceptions")


def answer(status: int) -> aiohttp.ClientResponseError:
    url = URL("http://host/a")
    info = aiohttp.RequestInfo(url, "GET", {}, url)  # type: ignore[arg-type]
    return aiohttp.ClientResponseError(info, (), status=status)


def s3_answer(status: int) -> BaseException:
    facts = {"Error": {"Code": str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error: BaseException = boto.ClientError(facts, "GetObject")
    return error


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (answer(404), Failure.ABSENT),
        (answer(410), Failure.ABSENT),
        (answer(416), Failure.ABSENT),
        (answer(401), Failure.REFUSED),
        (answer(403), Failure.REFUSED),
        (answer(429), Failure.PASSING),
        (answer(500), Failure.PASSING),
        (answer(503), Failure.PASSING),
        (answer(400), Failure.LASTING),
        (s3_answer(403), Failure.REFUSED),
        (s3_answer(503), Failure.PASSING),
        (FileNotFoundError("a"), Failure.ABSENT),
        (caused(FileNotFoundError("a"), answer(500)), Failure.PASSING),
        (caused(FileNotFoundError("a"), answer(404)), Failure.ABSENT),
        (caused(FileNotFoundError("a"), aiohttp.ServerDisconnectedError()), Failure.PASSING),
        (caused(PermissionError(), s3_answer(400)), Failure.REFUSED),
        (caused(TimeoutError(), s3_answer(400)), Failure.PASSING),
        (PermissionError(13, "denied"), Failure.REFUSED),
        (boto.NoCredentialsError(), Failure.REFUSED),
        (aiohttp.ClientPayloadError(), Failure.PASSING),
        (aiohttp.ServerTimeoutError(), Failure.PASSING),
        (boto.EndpointConnectionError(endpoint_url="http://host"), Failure.PASSING),
        (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), Failure.PASSING),
        (ConnectionResetError(), Failure.PASSING),
        (OSError(5, "input/output error"), Failure.PASSING),
        (aiohttp.InvalidURL("x"), Failure.LASTING),
        (ValueError("no such option"), Failure.LASTING),
        (RuntimeError("what"), Failure.LASTING),
    ],
    ids=lambda case: repr(case)[:40],
)
def test_a_failure_is_what_it_means(error: BaseException, failure: Failure) -> None:
    assert classify(error) == failure


def test_waits_double_up_to_the_longest_and_differ() -> None:
    retry = Retry(attempts=9, first_s=1, longest_s=10)
    for attempt, longest in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (8, 10)):
        waits = {retry.wait_s(attempt) for _ in range(20)}
        assert len(waits) > 1
        assert all(longest / 2 <= wait <= longest for wait in waits)


def test_a_retry_without_a_try_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no try"):
        Retry(attempts=0)
