"""Every task that measures, with flags that make it short, and a world in which it is."""

import re

import pytest

from tests.support.versions import slower_compiler
from tests.support.world import MANIFEST, Said, World, says

# What makes each of them short; SEQC stands for the path of the compiler, SAME for another path to the same one, and
# SLOW1 and SLOW2 for compilers whose programs take a quarter longer.
TASKS = {
    "bench": ("--runs", "1"),
    "bench-alpha": ("--runs", "1"),
    "compare": ("--base", "SEQC", "--head", "SEQC", "--runs", "8"),
    "gate": ("--base", "SEQC", "--runs", "16"),
    "calibrate": ("--runs", "16"),
    "bisect": ("--versions", "SEQC,SLOW1,SLOW2"),
    "timeline": ("--versions", "SEQC,SAME", "--runs", "4"),
    "sweep": ("--over", "messages=1:100", "--steps", "2", "--runs", "1"),
    "tune": ("--budget", "1s"),
    "explain": ("--budget", "10s", "--runtimes", "seq,go"),
}
# For `parametrize`; these three take a second of processor time each or more.
EACH_TASK = [
    pytest.param(name, marks=pytest.mark.whole) if name in ("bisect", "calibrate", "tune") else name for name in TASKS
]
_COMPILER = re.compile("SEQC|SAME|SLOW[12]")
# The line below the heads of a table.
TABLE = re.compile(r"^---+  --", re.MULTILINE)


def prepare(world: World) -> None:
    """Give the world a benchmark of any size, and a short budget."""
    program = says("$1", 800_000)
    world.add("alpha", seq=program, go=program, toml=MANIFEST.format(name="alpha"))
    with (world.project / "pyproject.toml").open("a") as file:
        print("compare-budget = '100ms'", file=file)


def called(world: World, name: str, *words: str) -> Said:
    compilers = {"SEQC": world.tools / "seqc", "SAME": world.tools / "same-seqc"}
    compilers |= {each: slower_compiler(world, each.lower()) for each in ("SLOW1", "SLOW2")}
    if not compilers["SAME"].exists():
        compilers["SAME"].symlink_to(compilers["SEQC"])
    given = (_COMPILER.sub(lambda found: str(compilers[found[0]]), word) for word in TASKS[name])
    return world.task(name, *given, *words)
