"""A suite whose programs are commands."""

from pathlib import Path

from tests.support.world import World, script

SORT = """\
[commands.sort]
old = "./old {n}"
new = "sh new.sh {n} 'two words'"

[benchmarks.sort]
title = "Sort"

[benchmarks.sort.parameters.n]
full = 40
quick = 20
scales = true
"""


def with_commands(world: World, text: str = SORT) -> Path:
    for name in ("old", "new.sh"):
        path = world.suite / name
        path.write_text(script("sleep 0.0$1", "echo sorted"))
        path.chmod(0o755)
    path = world.suite / "suite.toml"
    path.write_text(text)
    return path
