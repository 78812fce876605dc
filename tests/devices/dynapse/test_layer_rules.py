from devices.dynapse.layer_rules import GRAPH_RULES, LAYER_RULES


def test_names_of_rules_are_unique() -> None:
    names = [rule.name for rule in LAYER_RULES] + [rule.name for rule in GRAPH_RULES]
    assert len(set(names)) == len(names)
