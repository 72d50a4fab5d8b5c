"""TODO suite."""
