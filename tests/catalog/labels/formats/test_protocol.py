"""Every format keeps the protocol, and what a reader is told is checked."""

from fractions import Fraction

import pytest

from catalog.labels.formats import LABEL_FORMATS
from catalog.labels.formats.protocol import FormatOptions, LabelFormat
from eventstore.errors import FormatError, InvalidInput, SpikelakeError

TOLD = FormatOptions(fps=Fraction(30))


@pytest.mark.parametrize("name", LABEL_FORMATS)
def test_a_format_is_one(name: str) -> None:
    form = LABEL_FORMATS[name]
    assert isinstance(form, LabelFormat)
    assert form.name == name
    assert form.kinds <= {"intervals", "boxes"}


@pytest.mark.parametrize("name", sorted(set(LABEL_FORMATS) - {"aermanager"}))
@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"nonsense", b"a,b\n1,2\n", b"\x93NUMPY"])
def test_what_is_in_no_format_is_refused_by_its_path(name: str, data: bytes) -> None:
    with pytest.raises(FormatError) as error:
        LABEL_FORMATS[name].read(data, "somewhere/file", TOLD)
    assert error.value.message.startswith("somewhere/file")
    assert not LABEL_FORMATS[name].claims("file.txt", data)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"fps": Fraction(30), "frame_times": (0, 1)}, "both a frame rate and the times"),
        ({"fps": Fraction(0)}, "0 frames per second"),
    ],
)
def test_options_are_checked(facts: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        FormatOptions(**facts)  # type: ignore[arg-type]


def test_errors_are_of_the_tree() -> None:
    with pytest.raises(SpikelakeError, match="no label format 'bid'"):
        LABEL_FORMATS["bid"]
