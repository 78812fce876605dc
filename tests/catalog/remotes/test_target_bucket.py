"""Buckets: what the server says reaches the user, with what to do."""

from typing import Any

import pytest

from catalog.remotes.target_bucket import BucketTarget
from eventstore.errors import InvalidInput, Unreachable


def test_a_bucket_that_is_not_there(object_store: Any) -> None:
    target = BucketTarget("s3://no-such-bucket/animals", object_store.options)
    assert target.read("versions.json") is None
    assert target.sizes() == {}
    with pytest.raises(
        Unreachable, match=r"s3://no-such-bucket/animals/a failed .*bucket"
    ) as caught:
        target.put("a", b"1")
    assert "publish again" in caught.value.hint


def test_a_server_that_is_gone(object_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    once = {"config_kwargs": {"retries": {"total_max_attempts": 1}}}
    options = {**object_store.options, **once, "endpoint_url": "http://127.0.0.1:9"}
    target = BucketTarget("s3://bucket/x", options)
    monkeypatch.setattr(target._system, "retries", 1)
    with pytest.raises(Unreachable, match="s3://bucket/x/a failed"):
        target.put("a", b"1")


def test_wrong_credentials_say_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    target = BucketTarget("memory://vault")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(target._system, "pipe_file", refuse)
    with pytest.raises(Unreachable, match="memory://vault/a was refused") as caught:
        target.put("a", b"1")
    assert "AWS_ACCESS_KEY_ID" in caught.value.hint


def test_an_upload_that_breaks_off_is_tried_again(object_store: Any) -> None:
    target = BucketTarget("s3://bucket/broken", object_store.options)
    target.put("a", b"1")
    object_store.break_next(0)
    target.put("b", b"2")
    assert object_store.n_broken
    assert target.sizes() == {"a": 1, "b": 1}


def test_bytes_that_the_server_lost_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    target = BucketTarget("memory://lossy")
    monkeypatch.setattr(target, "holds", lambda *_: False)
    with pytest.raises(Unreachable, match="is not what was written there"):
        target.put("a", b"1")


def test_unknown_protocols_and_options() -> None:
    with pytest.raises(InvalidInput, match="cannot open nonsense://x"):
        BucketTarget("nonsense://x")
