"""From model to chip."""
