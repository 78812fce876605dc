"""Files that are not what was recorded are refused, whole or in parts."""

import hashlib
import pickle

import pytest

from catalog.remotes.checked_files import CheckedFiles
from eventstore.errors import IntegrityError, InvalidInput
from eventstore.files import MappedFiles

DATA = {"a": b"0123456789", "b": b"xy"}
FACTS = {key: (len(data), hashlib.sha256(data).hexdigest()) for key, data in DATA.items()}


def checked(**changed: bytes) -> CheckedFiles:
    return CheckedFiles(MappedFiles({**DATA, **changed}), FACTS, name="nmnist@1.0.0")


def test_what_was_recorded_is_read() -> None:
    files = checked()
    assert files.read("a") == DATA["a"]
    assert bytes(files.read_range("a", 2, 4)) == b"23"
    assert files.size("b") == 2
    assert files.has("a")
    assert not files.has("c")
    assert not files.remote
    files.close()
    with pytest.raises(InvalidInput, match=r"the store of nmnist@1\.0\.0 is closed"):
        files.read("a")


def test_another_size_is_refused_in_parts_too() -> None:
    for key in ("a", "b"):
        with pytest.raises(IntegrityError, match=f"store:{key} has 3 bytes, recorded were"):
            checked(**{key: b"123"}).read_range(key, 0, 1)


def test_other_bytes_are_refused_when_read_whole() -> None:
    files = checked(a=b"0123456780")
    assert bytes(files.read_range("a", 0, 3)) == b"012"  # chunks have checksums of their own
    with pytest.raises(IntegrityError, match="another sha256 than was recorded"):
        files.read("a")


def test_another_process_checks_too() -> None:
    files = CheckedFiles(_Sendable({**DATA, "a": b"?"}), FACTS, name="x")
    with pytest.raises(IntegrityError):
        pickle.loads(pickle.dumps(files)).read("a")


class _Sendable(MappedFiles):
    def __reduce__(self) -> tuple[type["_Sendable"], tuple[object, ...]]:
        return _Sendable, (self._table,)
