"""Let setuptools build outside of the clone; everything else is in pyproject.toml.

Beside the sources it would leave `build/`, whose files would be in the next wheel too.
"""

from tempfile import TemporaryDirectory

from setuptools import setup

with TemporaryDirectory(prefix="seqbench-build-") as scratch:
    setup(options={"build": {"build_base": scratch}, "egg_info": {"egg_base": scratch}})
