"""Addresses of findings, splits and history."""

import pytest

from tests.catalog.viewer.asking import Asker


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("findings", "findings"),
        ("splits", "splits"),
        ("split?split=official", "rows"),
        ("versions", "versions"),
        ("runs", "runs"),
        ("diff?before=1.0.0&after=1.0.0", "changes"),
        ("lineage?recording=test%2Fcat%2F000", "provenance"),
    ],
)
def test_each_address_tells_its_part(viewed: Asker, target: str, field: str) -> None:
    answer = viewed.get(f"/api/{target}")
    assert answer.status == 200, answer.body
    assert field in answer.json()
    more = "&" if "?" in target else "?"
    assert viewed.get(f"/api/{target}{more}other=1").status == 404
