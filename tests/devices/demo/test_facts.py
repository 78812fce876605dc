import json
from collections.abc import Callable

import pytest

from devices.demo.facts import DemoFacts


def test_the_facts_are_plain_json_without_pictures(make_facts: Callable[..., DemoFacts]) -> None:
    plain = json.loads(json.dumps(make_facts().to_dict()))
    assert "examples" not in plain
    assert plain["data"]["simulated"] is True
    assert len(plain["confusion"]) == 10
    assert plain["test_accuracy"] == pytest.approx(0.96)


def test_points_lost_are_percentage_points(make_facts: Callable[..., DemoFacts]) -> None:
    assert make_facts().points_lost == pytest.approx(1.0)
