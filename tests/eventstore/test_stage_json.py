from dataclasses import dataclass

import pytest

from eventstore.errors import InvalidInput, NotFound
from eventstore.registry import Entry, Registry
from eventstore.stage_json import StageJson


@dataclass(frozen=True, kw_only=True)
class Step:
    size: int = 1


def table() -> Registry[type[Step]]:
    made: Registry[type[Step]] = Registry("step", "spikelake.no-such-group", {"Step": Entry("x:y")})
    made._loaded["Step"] = Step
    return made


CHAIN = StageJson(table=table(), what="chain", key="step", format=3)


def test_the_json_is_canonical() -> None:
    text = CHAIN.to_json([Step(), Step(size=5)])
    assert text == '{"format":3,"stages":[{"size":1,"step":"Step"},{"size":5,"step":"Step"}]}'
    assert CHAIN.from_json(text) == [Step(), Step(size=5)]
    spaced = '{"stages": [{"step": "Step"}, {"step": "Step", "size": 5}], "format": 3}'
    assert CHAIN.from_json(spaced) == [Step(), Step(size=5)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", r"not the JSON of a chain .*\nhint: pass what Chain.to_json\(\) returned"),
        ('{"stages":[]}', "not the JSON of a chain"),
        ('{"format":2,"stages":[]}', "chain format 2 is not 3"),
        ('{"format":3,"stages":[{"size":1}]}', r'names no step: .*\nhint: add "step": one of Step'),
        ('{"format":3,"stages":[{"step":"Step","sise":1}]}', "stage 0 of the chain: .*'sise'"),
    ],
)
def test_other_json_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        CHAIN.from_json(text)


def test_unknown_stages_are_named() -> None:
    with pytest.raises(NotFound, match="Stop"):
        CHAIN.from_json('{"format":3,"stages":[{"step":"Stop"}]}')
