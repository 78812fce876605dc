"""YAML whose values are the texts that stand there, and whose keys stand once."""

import yaml

from eventstore.errors import FormatError


class _Unique(yaml.BaseLoader):
    """Reads every value as its text, and refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        """Return a mapping, after a look at its keys."""
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                problem = f"the key {name!r} stands twice"
                raise yaml.MarkedYAMLError(None, None, problem, key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


def parse_yaml(text: str, *, path: str, unique: bool = True) -> object:
    """Return texts, lists of them, and mappings.

    Args:
        text: the YAML.
        path: where it stands, for messages.
        unique: refuse a key that stands twice; else the last one counts, as usual in YAML.

    Raises:
        FormatError: it is no YAML, or a key stands twice; says where.

    Examples:
        >>> parse_yaml("a: [010, on, ~]", path="x.yaml")
        {'a': ['010', 'on', '~']}
    """
    try:
        content: object = yaml.load(text, Loader=_Unique if unique else yaml.BaseLoader)
    except yaml.YAMLError as error:
        message = f"not YAML: {error}"
        raise FormatError(message, path=path) from error
    return content
