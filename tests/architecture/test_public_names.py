"""The public surface is pinned: a name appears or goes only on purpose."""

import importlib

import pytest

PUBLIC: dict[str, list[str]] = {}


@pytest.mark.parametrize("package", sorted(PUBLIC))
def test_public_names_are_pinned_sorted_and_importable(package: str) -> None:
    module = importlib.import_module(package)
    assert list(module.__all__) == PUBLIC[package]
    assert list(module.__all__) == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError):
        module.no_such_name  # noqa: B018
