"""Databases of messages, made with plain SQL."""

import sqlite3
from pathlib import Path

import pytest
import zstandard

from eventstore.errors import FormatError
from eventstore.readers import ByteSource
from eventstore.readers.ros.bag import Topic
from eventstore.readers.ros.sqlite import SqliteBag


def database(path: Path, *messages: object) -> SqliteBag:
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE topics (id INTEGER, name, type, serialization_format)")
    base.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, topic_id INTEGER, data BLOB)")
    base.execute("INSERT INTO topics VALUES (4, '/e', 'dvs_msgs/msg/EventArray', 'cdr')")
    base.execute("INSERT INTO topics VALUES (5, '/j', 'other/msg/Thing', 'json')")
    base.executemany(
        "INSERT INTO messages (topic_id, data) VALUES (4, ?)", [(m,) for m in messages]
    )
    base.execute("INSERT INTO messages (topic_id, data) VALUES (5, 'x')")
    base.commit()
    base.close()
    return SqliteBag(ByteSource.map_file(path))


def test_messages_come_in_their_order(tmp_path: Path) -> None:
    bag = database(tmp_path / "a b%#?.db3", b"\0\1\0\0late", b"\0\1\0\0")
    assert bag.topics == [Topic(4, "/e", "dvs_msgs/EventArray")]
    assert [bytes(m.data) for m in bag.messages({4}, [])] == [b"\0\1\0\0late", b"\0\1\0\0"]


def test_bytes_without_a_file_are_read_all_the_same(tmp_path: Path) -> None:
    database(tmp_path / "a.db3", b"\0\1\0\0")
    data = (tmp_path / "a.db3").read_bytes()
    bag = SqliteBag(ByteSource("z.zip:a.db3", memoryview(data)))
    assert len(list(bag.messages({4}, []))) == 1


def test_messages_packed_one_by_one(tmp_path: Path) -> None:
    bag = database(tmp_path / "a.db3", zstandard.compress(b"\0\1\0\0abc"))
    assert [bytes(m.data) for m in bag.messages({4}, [])] == [b"\0\1\0\0abc"]


def test_a_cut_file_is_an_error(tmp_path: Path) -> None:
    database(tmp_path / "a.db3", *[bytes(4000)] * 5)
    data = (tmp_path / "a.db3").read_bytes()
    for size in range(1, len(data), 997):
        with pytest.raises(FormatError, match=r"a\.db3: database of messages cannot be read"):
            list(SqliteBag(ByteSource("a.db3", memoryview(data[:size]))).messages({4}, []))


def test_a_message_that_is_no_bytes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="data of a message are str"):
        list(database(tmp_path / "a.db3", "text").messages({4}, []))
