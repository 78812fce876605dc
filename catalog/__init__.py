"""Which data, which version, who says so."""
