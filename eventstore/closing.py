"""Things that are let go of at the end of a ``with`` block, however it ends."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """Closed at the end of a ``with`` block.

    Examples:
        >>> class Door(Closing):
        ...     def close(self) -> None:
        ...         print("closed")
        >>> with Door() as door:
        ...     print(type(door).__name__)
        Door
        closed
    """

    __slots__ = ()

    @abstractmethod
    def close(self) -> None:
        """Let go of what is held; a second time changes nothing."""

    def __enter__(self) -> Self:
        """Return the thing itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()
