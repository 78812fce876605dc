"""Samples made up for rules."""

from collections.abc import Callable

import pytest

from catalog.splits.rules.protocol import Sample

Make = Callable[..., list[Sample]]


@pytest.fixture(scope="session")
def samples() -> Make:
    """A function ``(groups, per_group=1)``: groups are speakers; per_group may differ by group."""

    def make(groups: int, per_group: int | list[int] = 1) -> list[Sample]:
        sizes = [per_group] * groups if isinstance(per_group, int) else per_group
        return [
            Sample(
                f"r{g}-{k}#0-9",
                "ab"[k % 2],
                {"recording_id": f"r{g}-{k}", "speaker": f"s{g}", "fold": ""},
            )
            for g in range(groups)
            for k in range(sizes[g])
        ]

    return make
