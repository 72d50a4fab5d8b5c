"""TODO toolchain."""
