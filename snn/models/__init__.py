"""Network builders that recipes name."""
