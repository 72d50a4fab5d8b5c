"""The registry of runtimes: how a source is recognised, built, linted and started, and what a strand costs.

Adding a runtime is one entry in `RUNTIMES` and its sources; nothing else knows a language by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from seqbench.toolchain import Tool, Toolchain


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One command of a build or a check, with the variables that it needs on top of the user's environment."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandCost:
    """What a program needs of the machine: a base and what each live strand adds (docs/BENCHMARKS.md)."""

    maps_base: int
    maps_per_strand: float
    bytes_base: int
    bytes_per_strand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A language runtime that benchmark programs are written for."""

    name: str
    title: str
    suffix: str
    tools: tuple[str, ...]
    """Names of the tools in a `Toolchain`; the first one is the compiler."""
    settings: tuple[str, ...]
    """Prefixes of the environment variables that change how a program runs; they are passed on and recorded."""
    cost: StrandCost
    startup_ns: Callable[[Mapping[str, str]], int]
    """The most that start-up and exit may add to the outside clock with these settings, but for giving memory back."""
    build: Callable[[Toolchain, Path, Path], Recipe]
    """(toolchain, source, output) to the command that compiles it."""
    lint: Callable[[Toolchain, Path], Recipe]
    """(toolchain, source) to the command that must find nothing."""
    skeleton: str
    """What `invoke new` writes: a complete program that speaks the protocol, with NAME for the benchmark's name."""

    def compiler(self, toolchain: Toolchain) -> Tool:
        """Give the tool that turns the source into code."""
        return toolchain.tool(self.tools[0])


def _build_seq(toolchain: Toolchain, source: Path, output: Path) -> Recipe:
    seqc = toolchain.tool("seqc")
    return Recipe(
        argv=(str(seqc.path), "build", *seqc.flags, str(source), "-o", str(output)),
        environment=toolchain.environment("seqc", "clang"),
    )


def _seq_startup_ns(settings: Mapping[str, str]) -> int:
    """Give 1.5 s and what mapping the pooled stacks takes: 13 us each, seen at 10,000 and at 100,000; here 30."""
    pooled = settings.get("SEQ_POOL_CAPACITY", "")
    return 1_500_000_000 + (30_000 * int(pooled) if pooled.isdecimal() else 0)


def _lint_seq(toolchain: Toolchain, source: Path) -> Recipe:
    return Recipe(
        argv=(str(toolchain.tool("seqc").path), "lint", "--deny-warnings", str(source)),
        environment=toolchain.environment("seqc"),
    )


def _build_go(toolchain: Toolchain, source: Path, output: Path) -> Recipe:
    return Recipe(
        argv=(str(toolchain.tool("go").path), "build", "-o", str(output), str(source)),
        environment=toolchain.environment("go"),
    )


def _lint_go(toolchain: Toolchain, source: Path) -> Recipe:
    return Recipe(argv=(str(toolchain.tool("go").path), "vet", str(source)), environment=toolchain.environment("go"))


_SEQ_SKELETON = """\
# NAME: two strands, one message. Replace the work; keep the clock over all of it.

: answer ( Channel -- )
  42 swap chan.send [ ] [ 1 os.exit ] if
;

: main ( -- Int )
  time.nanos chan.make
  dup [ answer ] strand.spawn drop drop
  chan.receive
  [
    time.nanos rot i.-
    "elapsed_ns: " io.write int->string io.write-line
    "result: " io.write int->string io.write-line
    0
  ] [ drop drop 1 ] if
;
"""

_GO_SKELETON = """\
// NAME: two goroutines, one message. Replace the work; keep the clock over all of it.
package main

import (
	"fmt"
	"time"
)

func main() {
	start := time.Now()
	answer := make(chan int, 1)
	go func() { answer <- 42 }()
	result := <-answer
	elapsed := time.Since(start)
	fmt.Printf("result: %d\\nelapsed_ns: %d\\n", result, elapsed.Nanoseconds())
}
"""

_MIB = 1 << 20

RUNTIMES: tuple[Runtime, ...] = (
    Runtime(
        name="seq",
        title="Seq",
        suffix=".seq",
        tools=("seqc", "clang"),
        settings=("SEQ_",),
        # A live strand has two maps, its stack and the guard page; 10,000 stacks are pooled from the start.
        cost=StrandCost(maps_base=30_000, maps_per_strand=2.1, bytes_base=256 * _MIB, bytes_per_strand=15_000),
        startup_ns=_seq_startup_ns,
        build=_build_seq,
        lint=_lint_seq,
        skeleton=_SEQ_SKELETON,
    ),
    Runtime(
        name="go",
        title="Go",
        suffix=".go",
        tools=("go",),
        settings=("GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG"),
        cost=StrandCost(maps_base=1_000, maps_per_strand=0.0, bytes_base=64 * _MIB, bytes_per_strand=400),
        startup_ns=lambda _settings: 500_000_000,
        build=_build_go,
        lint=_lint_go,
        skeleton=_GO_SKELETON,
    ),
)
