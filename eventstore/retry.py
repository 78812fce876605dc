"""When to try a remote read again, and what to make of its failure."""

import random
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from eventstore.errors import InvalidInput

ABSENT = frozenset({404, 410})
"""HTTP: not found, gone."""

REFUSED = frozenset({401, 403, 407})
"""HTTP: unauthorized, forbidden, proxy authentication required."""

OUTSIDE = frozenset({416})
"""HTTP: range not satisfiable."""

PASSING = frozenset({408, 425, 429})
"""HTTP: request timeout, too early, too many requests; and all of 5xx."""

NO_ACCESS = ("NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError")
"""What botocore raises where it finds no credentials to send."""

NETWORK = ("ClientError", "HTTPClientError", "ConnectionError", "IncompleteReadError")
"""What aiohttp and botocore raise, not all of it an OSError, where a connection fails."""


class Failure(Enum):
    """What a failed read means."""

    ABSENT = auto()
    REFUSED = auto()
    PASSING = auto()
    LASTING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a remote read is tried, and how long to wait in between.

    The wait doubles from try to try, and is shortened at random by up to half, so that many
    readers that failed together do not come back together.

    Args:
        attempts: tries in all; 1 or more.
        first_s: longest wait before the second try, in seconds.
        longest_s: longest wait before any try, in seconds.

    Raises:
        InvalidInput: no try at all, or a negative wait.

    Examples:
        >>> waits = [Retry(first_s=0.2).wait_s(attempt) for attempt in (1, 2, 3)]
        >>> [0.1 * 2**i <= wait <= 0.2 * 2**i for i, wait in enumerate(waits)]
        [True, True, True]
    """

    attempts: int = 5
    first_s: float = 0.2
    longest_s: float = 5.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first_s < 0 or self.longest_s < 0:
            message = f"{self} has no try, or a negative wait"
            raise InvalidInput(message, hint="use Retry()")

    def wait_s(self, attempt: int) -> float:
        """Return how long to wait after a failed try, the first being number 1."""
        longest: float = min(self.longest_s, self.first_s * 2 ** (attempt - 1))
        return longest * random.uniform(0.5, 1)


def classify(error: BaseException) -> Failure:
    """Say what a file system's error means for the read.

    What it came from counts too: fsspec says that a file is not found also where a server failed.

    Examples:
        >>> classify(FileNotFoundError("a")), classify(ConnectionResetError())
        (<Failure.ABSENT: 1>, <Failure.PASSING: 3>)
    """
    chain = _chain(error)
    if any(isinstance(one, PermissionError) for one in chain):
        return Failure.REFUSED
    if any(isinstance(one, TimeoutError) for one in chain):
        return Failure.PASSING
    found = [_of_status(status) for status in map(_status, chain) if status is not None]
    found += [failure for failure in map(_of_type, reversed(chain)) if failure is not None]
    return found[0] if found else Failure.LASTING


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error and those it came from."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain


def _status(error: BaseException) -> int | None:
    """Return the HTTP status of an error of aiohttp or botocore."""
    status = getattr(error, "status", None)
    if isinstance(status, int) and status >= 400:
        return status
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return int(found) if found else None
    return None


def _of_status(status: int) -> Failure:
    if status in ABSENT or status in OUTSIDE:
        return Failure.ABSENT
    if status in REFUSED:
        return Failure.REFUSED
    return Failure.PASSING if status in PASSING or status >= 500 else Failure.LASTING


def _of_type(error: BaseException) -> Failure | None:
    names = {base.__name__ for base in type(error).__mro__}
    if not names.isdisjoint(NO_ACCESS):
        return Failure.REFUSED
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return Failure.ABSENT
    if isinstance(error, ValueError | TypeError):  # a URL or an option that makes no sense
        return Failure.LASTING
    if isinstance(error, OSError) or not names.isdisjoint(NETWORK):
        return Failure.PASSING
    return None
