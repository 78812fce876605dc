from typing import Any

import pytest

from eventstore.errors import InvalidInput, NotFound
from snn.train_config import TrainConfig


def test_round_trip() -> None:
    config = TrainConfig(epochs=3, schedule="cosine", clip_norm=None)
    assert TrainConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"epochs": 2.5}, "epochs=2.5"),
        ({"epochs": True}, "epochs=True"),
        ({"learning_rate": 0.0}, "learning_rate=0.0"),
        ({"learning_rate": float("inf")}, "learning_rate=inf"),
        ({"weight_decay": -1.0}, "weight_decay=-1.0"),
        ({"label_smoothing": 2.0}, "label_smoothing=2.0"),
        ({"clip_norm": -1.0}, "clip_norm=-1.0"),
        ({"optimiser": "sgd"}, "optimiser='sgd'"),
        ({"schedule": "step"}, "schedule='step'"),
        ({"choose": "test"}, "choose='test'"),
        ({"precision": "float8"}, "precision='float8'"),
        ({"patience": 0}, "patience=0"),
        ({"patience": 1.5}, r"patience=1\.5"),
        ({"patience": 2, "choose": "last"}, "patience=2 and choose='last'"),
        ({"warmup_epochs": -1, "schedule": "cosine"}, "warmup_epochs=-1"),
        ({"warmup_epochs": 25, "schedule": "cosine"}, "warmup_epochs=25"),
        ({"warmup_epochs": 1}, "warmup_epochs=1 with the schedule 'one-cycle'"),
    ],
)
def test_bad_settings_are_named(values: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        TrainConfig(**values)


def test_unknown_settings_get_a_near_match() -> None:
    with pytest.raises(NotFound, match="learning_rat") as caught:
        TrainConfig.from_dict({"learning_rat": 0.1})
    assert caught.value.hint == "did you mean 'learning_rate'?"


def test_settings_that_are_not_used_leave_the_digest_of_a_recipe_alone() -> None:
    assert not {"patience", "warmup_epochs", "precision"} & TrainConfig().to_dict().keys()
    config = TrainConfig(patience=3, warmup_epochs=0.5, precision="bfloat16", schedule="cosine")
    assert TrainConfig.from_dict(config.to_dict()) == config
