from devices.rule import Broken, Rule
from devices.speck.chip import SPECK2F, SpeckSpec
from eventstore.findings import Severity


def too_many(n: int, spec: SpeckSpec) -> Broken | None:
    if n <= spec.n_cores:
        return None
    return Broken(f"{n} of {spec.n_cores}", "use fewer")


def test_a_rule_that_is_kept_says_nothing() -> None:
    assert Rule(name="count", test=too_many).findings(9, SPECK2F, "net") == []


def test_a_rule_that_is_broken_says_what_where_and_what_to_do() -> None:
    (finding,) = Rule(name="count", test=too_many).findings(10, SPECK2F, "net")
    assert (finding.check, finding.where, finding.message, finding.fix, finding.severity) == (
        "count",
        "net",
        "10 of 9",
        "use fewer",
        Severity.ERROR,
    )


def test_a_rule_may_have_a_place_and_a_weight_of_its_own() -> None:
    rule = Rule(name="count", test=too_many, severity=Severity.INFO, where="camera")
    (finding,) = rule.findings(10, SPECK2F, "net")
    assert (finding.where, finding.severity) == ("camera", Severity.INFO)
