"""Figures are drawn without a screen."""

import pytest


@pytest.fixture(autouse=True)
def _without_a_screen(no_screen: None) -> None:
    """Let every test of this folder do so."""
