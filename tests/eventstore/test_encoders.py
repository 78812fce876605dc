"""Threads encode the same bytes in the same order, and failures come out when all is at rest."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from eventstore.codecs import ColumnCodec, codecs_of, encode_chunk
from eventstore.encoders import Encoders, Job


def jobs(n: int) -> list[Job]:
    codec = codecs_of("archive")["x"]
    rng = np.random.default_rng(n)
    return [(codec, rng.integers(0, 300, 500).astype(np.uint16)) for _ in range(n)]


def odd_codec(encode: Callable[[np.ndarray], bytes]) -> ColumnCodec:
    return ColumnCodec("uint8", np.dtype(np.uint8), (), encode, lambda _data, _out: None)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("n", [0, 1, 3, 40])
def test_any_number_of_threads_encodes_alike(threads: int, n: int) -> None:
    with Encoders(threads) as encoders:
        for _ in range(3):
            assert encoders.encode(jobs(n)) == [encode_chunk(*job) for job in jobs(n)]


def test_work_is_shared() -> None:
    meet = threading.Barrier(2, timeout=20)

    def encode(_: np.ndarray) -> bytes:
        meet.wait()  # nobody passes alone
        return b""

    with Encoders(2) as encoders:
        encoders.encode([(odd_codec(encode), np.zeros(1, np.uint8))] * 2)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("error", [ValueError("bad"), IndexError("bad"), KeyboardInterrupt("bad")])
def test_a_failure_is_raised_once_all_is_at_rest(threads: int, error: BaseException) -> None:
    running: list[None] = []

    def encode(values: np.ndarray) -> bytes:
        running.append(None)
        try:
            if values[0] == 7:
                raise error
            return b"x"
        finally:
            running.pop()

    codec = odd_codec(encode)
    with Encoders(threads) as encoders:
        with pytest.raises(type(error), match="bad"):
            encoders.encode([(codec, np.array([i], np.uint8)) for i in range(40)])
        assert not running
        assert encoders.encode([(codec, np.array([1], np.uint8))] * 4)


def test_threads_end_with_the_encoders_and_come_back() -> None:
    before = threading.active_count()
    encoders = Encoders(3)
    encoders.encode(jobs(8))
    assert threading.active_count() > before
    encoders.close()
    assert threading.active_count() == before
    assert len(encoders.encode(jobs(8))) == 8
    encoders.close()


def test_one_thread_at_least() -> None:
    assert Encoders(0).threads == 1
    assert Encoders().threads >= 1
