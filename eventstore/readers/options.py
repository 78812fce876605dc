"""Readers with options, as a user names them: ``text:unit=us`` or ``aer:tick_us=0.2``."""

from collections.abc import Mapping

from eventstore import plugin_options
from eventstore.plugin_options import named_plugin, option, options_of
from eventstore.readers import READERS
from eventstore.readers.protocol import Reader

__all__ = ["named_reader", "option", "options_of", "with_options"]


def named_reader(text: str) -> Reader:
    """Return the reader a user names, with its options set.

    Args:
        text: ``NAME`` or ``NAME:OPTION=VALUE,OPTION=VALUE``.

    Raises:
        NotFound: no reader, or no option, of that name.
        InvalidInput: a value that the option cannot take.

    Examples:
        >>> named_reader("text:unit=us").unit
        'us'
    """
    return named_plugin(READERS, text, what="reader")


def with_options(reader: Reader, values: Mapping[str, str]) -> Reader:
    """Return a reader with options set from text.

    Raises:
        NotFound: the reader has no such option.
        InvalidInput: a value that the option cannot take.
    """
    return plugin_options.with_options(reader, values, what="reader")
