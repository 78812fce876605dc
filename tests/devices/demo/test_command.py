from collections.abc import Callable
from pathlib import Path

from devices.demo.command import printed_report
from devices.demo.facts import DemoFacts


def test_the_printed_report_says_what_matters(make_facts: Callable[..., DemoFacts]) -> None:
    said = printed_report(make_facts(), Path("out/report.html"))
    for words in (
        "1,797 simulated recordings",
        "digits@1.0.0/split:official#abc",
        "96.0 % of test recordings (seeds: 96.0, 96.0, 96.0)",
        "speck2f   95.0 %, 1.0 points lost, in time steps; event by event 93.0 % (seed 0)",
        "conv1 → core 0",
        "out/report.html",
    ):
        assert words in said
    assert "simulated" not in printed_report(make_facts(simulated=False), Path("r"))
