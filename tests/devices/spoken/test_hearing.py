import numpy as np

from devices.spoken.hearing import choose_rule, measure_hearing
from devices.xylo.keywords import KeywordRule, Spoken


def stream(seed: int) -> tuple[np.ndarray, list[Spoken]]:
    """Return 20 words, each 30 steps of spikes of its output, in noise of both."""
    random = np.random.default_rng(seed)
    spikes = (random.random((2_000, 2)) < 0.15).astype(np.uint8)
    spoken = []
    for i in range(20):
        word = int(random.integers(2))
        spikes[100 * i + 50 : 100 * i + 80, word] |= random.random(30) < 0.7
        spoken.append(Spoken(100 * i + 50, 100 * i + 80, word))
    return spikes, spoken


def test_a_rule_chosen_on_one_stream_hears_another() -> None:
    rule = choose_rule(*stream(0), KeywordRule(window_steps=20, rest_steps=40), 0.01)
    facts = measure_hearing(*stream(1), rule, 0.01)
    assert (facts.n_words, facts.seconds, facts.window_s) == (20, 20.0, 0.2)
    assert facts.hit_rate >= 0.9
    assert facts.false_alarms_an_hour <= 360  # two of 20 s
    assert 0 < facts.median_latency_s < 0.3
    careless = measure_hearing(*stream(1), KeywordRule(window_steps=20, threshold=2, lead=0), 0.01)
    assert careless.false_alarms_an_hour > facts.false_alarms_an_hour
    assert f"{facts.false_alarms_an_hour:.0f} false alarms/h" in facts.line()
