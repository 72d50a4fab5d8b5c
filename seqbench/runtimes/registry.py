"""The registry of runtimes: how a source is recognised, built, linted and started, and what a strand costs.

Adding a runtime is one entry in `RUNTIMES` and its sources; nothing else knows a language by name.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

# The package loads what finds a tool when it is asked for it, so that reading a suite stays quick.
from seqbench import toolchain as finders
from seqbench.errors import require_known
from seqbench.runtimes.base import Need, Recipe, Runtime, SelfReport, StrandCost
from seqbench.toolchain.toolchain import Tool, Toolchain

COMPARED_RUNTIME = "seq"

# Stacks that Seq pools unless SEQ_POOL_CAPACITY says otherwise, and the fewest that a quick start leaves it.
_DEFAULT_POOL, _LEAST_POOL = 10_000, 100


def _build_seq(toolchain: Toolchain, source: Path, output: Path) -> Recipe:
    seqc = toolchain.tool("seqc")
    return Recipe(
        argv=(str(seqc.path), "build", *seqc.flags, str(source), "-o", str(output)),
        environment=toolchain.environment("seqc", "clang"),
    )


def _seq_startup_ns(settings: Mapping[str, str]) -> int:
    """Return 1.5 s and what mapping the pooled stacks takes: 13 us each, seen at 10,000 and at 100,000; here 30."""
    pooled = settings.get("SEQ_POOL_CAPACITY", "")
    return 1_500_000_000 + (30_000 * int(pooled) if pooled.isdecimal() else 0)


def _seq_quick_start(live: int) -> Mapping[str, str]:
    """Pool twice the stacks that are needed: the 10,000 of the default take 0.1 s to map (docs/METHOD.md)."""
    wanted = max(_LEAST_POOL, 2 * live)
    return {"SEQ_POOL_CAPACITY": str(wanted)} if wanted < _DEFAULT_POOL else {}


def _lint_seq(toolchain: Toolchain, source: Path) -> Recipe:
    return Recipe(
        argv=(str(toolchain.tool("seqc").path), "lint", "--deny-warnings", str(source)),
        environment=toolchain.environment("seqc"),
    )


def _read_seq_report(stderr: str) -> Mapping[str, int] | None:
    """Find the one JSON object that the runtime writes at exit, after whatever the program has written."""
    found = re.search(r'\{[^{}]*"strands_spawned"[^{}]*\}', stderr)
    try:
        told = json.loads(found[0]) if found else {}
        names = {"spawned": "strands_spawned", "completed": "strands_completed", "peak": "peak_strands"}
        names |= {"sent": "messages_sent", "received": "messages_received", "threads": "worker_threads"}
        return {name: int(told[key]) for name, key in names.items()}
    except (ValueError, KeyError, TypeError):
        return None


def _build_go(toolchain: Toolchain, source: Path, output: Path) -> Recipe:
    return Recipe(
        argv=(str(toolchain.tool("go").path), "build", "-o", str(output), str(source)),
        environment=toolchain.environment("go"),
    )


def _rust_binary(source: Path) -> str:
    """Return the name under which Cargo.toml lists a source: skynet.may.rs is skynet-may."""
    return source.name.removesuffix(".rs").replace(".", "-")


def _cargo(tool: Tool, source: Path, *words: str) -> tuple[str, ...]:
    manifest = source.parent.parent / "Cargo.toml"
    options = ("--release", "--locked", "--manifest-path", str(manifest), "--bin", _rust_binary(source))
    return (str(tool.path), words[0], *options, *words[1:])


def _build_crate(name: str) -> Callable[[Toolchain, Path, Path], Recipe]:
    def build(toolchain: Toolchain, source: Path, _output: Path) -> Recipe:
        variables = toolchain.environment(name)
        made = Path(variables["CARGO_TARGET_DIR"]) / "release" / _rust_binary(source)
        return Recipe(argv=_cargo(toolchain.tool(name), source, "build"), environment=variables, made=made)

    return build


def _lint_crate(name: str) -> Callable[[Toolchain, Path], Recipe]:
    def lint(toolchain: Toolchain, source: Path) -> Recipe:
        argv = _cargo(toolchain.tool(name), source, "rustc", "--", "--deny", "warnings")
        return Recipe(argv=argv, environment=toolchain.environment(name))

    return lint


def _crate(name: str) -> Need:
    return Need(
        name=name,
        find=lambda quest: finders.find_crate(name, quest.suite, cache=quest.cache, environment=quest.environment),
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
_CARGO_FILES = ("Cargo.toml", "Cargo.lock", "protocol.rs")

RUNTIMES: tuple[Runtime, ...] = (
    Runtime(
        name="seq",
        title="Seq",
        suffix=".seq",
        tools=(
            Need(
                name="seqc",
                find=lambda quest: finders.provide_seqc(
                    quest.spec, cache=quest.cache, environment=quest.environment, listen=quest.listen
                ),
                is_slow=True,
            ),
            Need(name="clang", find=lambda quest: finders.find_clang(quest.environment, quest.cache)),
        ),
        settings=("SEQ_",),
        # A live strand has two maps, its stack and the guard page; 10,000 stacks are pooled from the start.
        cost=StrandCost(maps_base=30_000, maps_per_strand=2.1, bytes_base=256 * _MIB, bytes_per_strand=15_000),
        startup_ns=_seq_startup_ns,
        quick_start=_seq_quick_start,
        build=_build_seq,
        lint=_lint_seq,
        skeleton=_SEQ_SKELETON,
        library="may",
        report=SelfReport(
            settings=(("SEQ_REPORT", "json"),),
            read=_read_seq_report,
            own_strands=1,  # the one that `main` runs in
            absent="it takes a compiler whose runtime has its diagnostics",
        ),
    ),
    Runtime(
        name="go",
        title="Go",
        suffix=".go",
        tools=(Need(name="go", find=lambda quest: finders.find_go(quest.environment, quest.cache)),),
        settings=("GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG"),
        cost=StrandCost(maps_base=1_000, maps_per_strand=0.0, bytes_base=64 * _MIB, bytes_per_strand=400),
        startup_ns=lambda _settings: 500_000_000,
        build=_build_go,
        lint=_lint_go,
        skeleton=_GO_SKELETON,
    ),
    Runtime(
        name="may",
        title="May",
        suffix=".may.rs",
        tools=(_crate("may"),),
        settings=("MAY_",),
        # The library under Seq, with Seq's sizes of stacks and pool: two maps for each strand here too.
        cost=StrandCost(maps_base=30_000, maps_per_strand=2.1, bytes_base=256 * _MIB, bytes_per_strand=10_000),
        startup_ns=lambda _settings: 1_500_000_000,
        build=_build_crate("may"),
        lint=_lint_crate("may"),
        skeleton="",
        is_default=False,
        project_files=_CARGO_FILES,
    ),
    Runtime(
        name="tokio",
        title="Tokio",
        suffix=".tokio.rs",
        tools=(_crate("tokio"),),
        settings=("TOKIO_WORKER_THREADS",),
        cost=StrandCost(maps_base=1_000, maps_per_strand=0.0, bytes_base=64 * _MIB, bytes_per_strand=400),
        startup_ns=lambda _settings: 500_000_000,
        build=_build_crate("tokio"),
        lint=_lint_crate("tokio"),
        skeleton="",
        is_default=False,
        project_files=_CARGO_FILES,
    ),
)

DEFAULT_RUNTIMES = tuple(runtime for runtime in RUNTIMES if runtime.is_default)


def select_runtimes(names: tuple[str, ...]) -> tuple[Runtime, ...]:
    """Return the named runtimes in the registry's order, the default ones when none is named.

    Raises
    ------
    UsageError
        A name is unknown.
    """
    for name in names:
        require_known(name, tuple(runtime.name for runtime in RUNTIMES), "runtime", "--runtimes")
    return tuple(runtime for runtime in RUNTIMES if (runtime.name in names if names else runtime.is_default))
