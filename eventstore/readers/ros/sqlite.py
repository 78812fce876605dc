"""Read a ``.db3`` file of ROS 2: an SQLite database of topics and messages.

topics(id, name, type, serialization_format, …)    messages(id, topic_id, timestamp, data)
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import quote

import zstandard

from eventstore.errors import FormatError
from eventstore.findings import Finding
from eventstore.readers.protocol import ByteSource
from eventstore.readers.ros.bag import CHUNK_LIMIT, Message, Topic, plain_type, unpack

MAGIC = b"SQLite format 3\x00"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_TOPICS = "SELECT id, name, type FROM topics WHERE serialization_format = 'cdr' ORDER BY id"


@dataclass(slots=True, eq=False)
class SqliteBag:
    """A ``.db3`` file of ROS 2 messages.

    Args:
        source: its bytes.

    Raises:
        FormatError: the bytes are no such database, or damaged.
    """

    source: ByteSource
    topics: list[Topic] = field(init=False)

    def __post_init__(self) -> None:
        self._check_whole()
        with self.source.local_path() as path, self._open(str(path)) as database:
            rows = list(self._rows(database, _TOPICS))
            self.topics = [self._topic(row) for row in rows]

    def messages(
        self,
        topics: Collection[int],
        findings: list[Finding],
    ) -> Iterator[Message]:
        """Iterate over the messages of some topics in the order they were recorded in."""
        marks = ", ".join("?" * len(topics))
        query = f"SELECT topic_id, data FROM messages WHERE topic_id IN ({marks}) ORDER BY id"
        with self.source.local_path() as path, self._open(str(path)) as database:
            for number, data in self._rows(database, query, tuple(topics)):
                if not isinstance(data, bytes) or not isinstance(number, int):
                    wanted = f"data of a message are {type(data).__name__}"
                    raise self._damaged(wanted)
                yield Message(number, self._plain(data), 0)

    def _check_whole(self) -> None:
        """Refuse a cut file: SQLite would take a page that is half there for zeros."""
        head = bytes(self.source.data[:100])
        page, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
        page = 1 << 16 if page == 1 else page
        counted = head[24:28] == head[92:96]  # else an old library wrote it, and pages may be wrong
        if counted and len(self.source.data) < page * pages:
            found = f"{len(self.source.data)} of {page * pages} bytes"
            raise self._damaged(found)

    def _open(self, path: str) -> "closing[sqlite3.Connection]":
        return closing(sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True))

    def _rows(
        self, database: sqlite3.Connection, query: str, values: tuple[int, ...] = ()
    ) -> Iterator[tuple[object, ...]]:
        try:
            yield from database.execute(query, values)
        except sqlite3.Error as error:
            raise self._damaged(str(error)) from None

    def _topic(self, row: tuple[object, ...]) -> Topic:
        match row:
            case (int(number), str(name), str(kind)):
                return Topic(number, name, plain_type(kind))
        wanted = f"topic {row}"
        raise self._damaged(wanted)

    def _plain(self, data: bytes) -> memoryview:
        """Unpack a message where each one was compressed by itself."""
        if not data.startswith(_ZSTD_MAGIC):
            return memoryview(data)
        try:
            size = zstandard.frame_content_size(data)
        except zstandard.ZstdError:
            size = CHUNK_LIMIT + 1
        return unpack("zstd", memoryview(data), size, self.source.name, 0)

    def _damaged(self, found: str) -> FormatError:
        message, hint = "database of messages cannot be read", "the copy is incomplete, or no bag"
        return FormatError(
            message,
            path=self.source.name,
            expected="tables topics and messages",
            found=found,
            hint=hint,
        )
