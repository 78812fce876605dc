"""References read back as written and refuse what they are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.reference import Reference, parse_reference
from eventstore.errors import InvalidInput

WORD = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True)


@given(
    st.builds(
        Reference,
        name=st.one_of(WORD, st.builds("{}/{}".format, WORD, WORD)),
        version=st.none() | WORD,
        split=st.none() | WORD,
        digest=st.none() | st.from_regex(r"[0-9a-f]{8,64}", fullmatch=True),
    )
    | st.builds(Reference, name=WORD, version=st.none() | WORD, task=WORD)
)
def test_any_reference_reads_back(reference: Reference) -> None:
    assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@1.0.0",
        "a@1.0.0#xyz",
        "a#12",
        "a@",
        "a@1/split:",
        "a\nb",
        "a@1/task:",
        "a@1/split:x/task:y",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a reference"):
        parse_reference(text)


def test_a_path_names_its_dataset() -> None:
    reference = parse_reference("/my data/nmnist@1.0.0/split:official")
    assert reference.dataset == "nmnist"
    assert str(reference.at_version("2.0.0")) == "/my data/nmnist@2.0.0/split:official"
