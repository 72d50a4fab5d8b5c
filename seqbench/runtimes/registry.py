"""The registry of runtimes: how to recognise, build, lint and start a source, and the cost of a strand.

To add a runtime, add one entry to `RUNTIMES` and the sources. No other module contains the name of a language.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

# The package loads what finds a tool when it is asked for it, so that reading a suite stays quick.
from seqbench import toolchain as finders
from seqbench.errors import require_known
from seqbench.runtimes.base import Recipe, RequiredTool, Runtime, SelfReport, StrandCost
from seqbench.toolchain.toolchain import Tool, Toolchain

COMPARED_RUNTIME = "seq"

# Seq pools 10,000 stacks unless SEQ_POOL_CAPACITY is set. A quick start never pools fewer than 100.
_DEFAULT_POOL, _LEAST_POOL = 10_000, 100


def _build_seq(toolchain: Toolchain, source: Path, output: Path) -> Recipe:
    seqc = toolchain.tool("seqc")
    return Recipe(
        argv=(str(seqc.path), "build", *seqc.flags, str(source), "-o", str(output)),
        environment=toolchain.environment("seqc", "clang"),
    )


def _seq_startup_ns(settings: Mapping[str, str]) -> int:
    """Return 1.5 s plus 30 us for each pooled stack; mapping one took 13 us at pool sizes of 10,000 and 100,000."""
    pooled = settings.get("SEQ_POOL_CAPACITY", "")
    return 1_500_000_000 + (30_000 * int(pooled) if pooled.isdecimal() else 0)


def _seq_quick_start(live: int) -> Mapping[str, str]:
    """Pool twice the stacks that the program needs; mapping the default 10,000 takes 0.1 s (docs/METHOD.md)."""
    capacity = max(_LEAST_POOL, 2 * live)
    return {"SEQ_POOL_CAPACITY": str(capacity)} if capacity < _DEFAULT_POOL else {}


def _lint_seq(toolchain: Toolchain, source: Path) -> Recipe:
    return Recipe(
        argv=(str(toolchain.tool("seqc").path), "lint", "--deny-warnings", str(source)),
        environment=toolchain.environment("seqc"),
    )


def _read_seq_report(stderr: str) -> Mapping[str, int] | None:
    """Read the JSON object that the runtime writes at exit, after the output of the program."""
    found = re.search(r'\{[^{}]*"strands_spawned"[^{}]*\}', stderr)
    try:
        report = json.loads(found[0]) if found else {}
        names = {"spawned": "strands_spawned", "completed": "strands_completed", "peak": "peak_strands"}
        names |= {"sent": "messages_sent", "received": "messages_received", "threads": "worker_threads"}
        return {name: int(report[key]) for name, key in names.items()}
    except (ValueError, KeyError, TypeError):
        return None


def _build_go(toolchain: Toolchain, source: Path, output: Path) -> Recipe:
    return Recipe(
        argv=(str(toolchain.tool("go").path), "build", "-o", str(output), str(source)),
        environment=toolchain.environment("go"),
        files=_go_module(toolchain),
    )


def _go_module(toolchain: Toolchain) -> tuple[tuple[str, str], ...]:
    """Return a go.mod of our own: one in a folder above would change the language and the GODEBUG defaults."""
    return (("go.mod", f"module seqbench\n\ngo {toolchain.tool('go').version}\n"),)


def _rust_binary(source: Path) -> str:
    """Return the name of a source in Cargo.toml: `skynet-may` for skynet.may.rs."""
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


def _crate(name: str) -> RequiredTool:
    return RequiredTool(
        name=name,
        find=lambda search: finders.find_crate(
            name, search.suite, cache=search.cache, environment=search.environment, cpu=search.target_cpu
        ),
    )


def _lint_go(toolchain: Toolchain, source: Path) -> Recipe:
    return Recipe(
        argv=(str(toolchain.tool("go").path), "vet", str(source)),
        environment=toolchain.environment("go"),
        files=_go_module(toolchain),
    )


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
# May reserves a stack of 131,072 words and a guard page for each strand, and 10,000 of them at the start.
_STACK_BYTES = 1_052_672
_POOLED_STACKS = 10_000
_CARGO_FILES = ("Cargo.toml", "Cargo.lock", "protocol.rs")

RUNTIMES: tuple[Runtime, ...] = (
    Runtime(
        name="seq",
        title="Seq",
        suffix=".seq",
        tools=(
            RequiredTool(
                name="seqc",
                find=lambda search: finders.provide_seqc(
                    search.spec,
                    cache=search.cache,
                    environment=search.environment,
                    cpu=search.target_cpu,
                    listen=search.listen,
                ),
                is_slow=True,
            ),
            RequiredTool(
                name="clang",
                find=lambda search: finders.find_clang(search.environment, search.cache, search.target_cpu),
            ),
        ),
        settings=("SEQ_",),
        # A live strand has two maps: its stack and the guard page. Seq pools 10,000 stacks from the start.
        cost=StrandCost(
            maps_base=30_000,
            maps_per_strand=2.1,
            bytes_base=256 * _MIB,
            bytes_per_strand=15_000,
            address_base=_POOLED_STACKS * _STACK_BYTES,
            address_per_strand=_STACK_BYTES,
        ),
        startup_ns=_seq_startup_ns,
        quick_start=_seq_quick_start,
        build=_build_seq,
        lint=_lint_seq,
        skeleton=_SEQ_SKELETON,
        library="may",
        report=SelfReport(
            settings=(("SEQ_REPORT", "json"),),
            read=_read_seq_report,
            own_strands=1,  # the strand of `main`
            absent="only a runtime with diagnostics=on reports",
        ),
    ),
    Runtime(
        name="go",
        title="Go",
        suffix=".go",
        tools=(
            RequiredTool(
                name="go", find=lambda search: finders.find_go(search.environment, search.cache, search.target_cpu)
            ),
        ),
        settings=("GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG"),
        cost=StrandCost(
            maps_base=1_000, maps_per_strand=0.0, bytes_base=64 * _MIB, bytes_per_strand=400, address_base=640 * _MIB
        ),
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
        # The library below Seq, with the stack and pool sizes of Seq: also two maps for each strand.
        cost=StrandCost(
            maps_base=30_000,
            maps_per_strand=2.1,
            bytes_base=256 * _MIB,
            bytes_per_strand=10_000,
            address_base=_POOLED_STACKS * _STACK_BYTES,
            address_per_strand=_STACK_BYTES,
        ),
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
        cost=StrandCost(
            maps_base=1_000, maps_per_strand=0.0, bytes_base=64 * _MIB, bytes_per_strand=400, address_base=640 * _MIB
        ),
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
    """Return the named runtimes in the order of the registry, or the default ones when `names` is empty.

    Raises
    ------
    UsageError
        A name is unknown.
    """
    for name in names:
        require_known(name, tuple(runtime.name for runtime in RUNTIMES), "runtime", "--runtimes")
    return tuple(runtime for runtime in RUNTIMES if (runtime.name in names if names else runtime.is_default))
