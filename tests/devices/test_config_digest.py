"""The digest of what a chip runs."""

from devices.config_digest import config_digest


def test_it_follows_what_reaches_the_chip() -> None:
    config = {"header": {"chip": "a"}, "cnn_layers": [{"weights": [1, 2]}], "readout": {}}
    digest = config_digest(config)
    assert config_digest({**config, "header": {"chip": "b"}}) == digest
    assert config_digest(dict(reversed(config.items()))) == digest
    assert config_digest({**config, "cnn_layers": [{"weights": [1, 3]}]}) != digest
