"""TODO ci."""
