"""Link programs in several layouts: the same code at other addresses.

Where a linker puts functions and data changes how fast they are: by cache lines, branch predictors and pages (Mytkowicz
et al., Producing Wrong Data Without Doing Anything Obviously Wrong, ASPLOS 2009; Curtsinger and Berger, Stabilizer,
ASPLOS 2013). Here each layout has padding before and after the program, which nothing uses. The first one is an object
of its own, and shifts the program with its runtime. The second one is the end of the program's LLVM IR, and shifts the
runtime against the program; an object would not, because some linkers put it behind what the program needs.
"""

import hashlib
import random
import shlex
from dataclasses import replace
from pathlib import Path

from seqbench.errors import ToolchainError
from seqbench.system.files import write_atomically
from seqbench.toolchain.toolchain import Tool, Toolchain

LAYOUTS = 5
"""How many there are; the first one is what the compiler links without padding."""
# Functions are aligned to 16 bytes, and the addresses that a predictor or a cache looks at repeat after a page.
_STEP_BYTES = 16
_PAGE_BYTES = 4096
_LINKER = "clang"
_BEFORE = """\
// Padding of layout {number}: nothing uses it, and the linker keeps it.
__attribute__((used, retain, noinline)) static void code(void) {{ __asm__ volatile(".space {code}"); }}
__attribute__((used, retain)) static const char constants[{constants}] = {{1}};
__attribute__((used, retain)) static char data[{data}] = {{1}};
__attribute__((used, retain)) static char zeros[{zeros}];
"""
_AFTER = """
; Padding of layout {number}: nothing uses it, and the compiler keeps it.
define internal void @"seqbench.code"() {{
  call void asm sideeffect ".space {code}", ""()
  ret void
}}
@"seqbench.constants" = internal constant {{ i8, [{constants} x i8] }} {{ i8 1, [{constants} x i8] zeroinitializer }}
@"seqbench.data" = internal global {{ i8, [{data} x i8] }} {{ i8 1, [{data} x i8] zeroinitializer }}
@"seqbench.zeros" = internal global [{zeros} x i8] zeroinitializer
@llvm.compiler.used = appending global [4 x ptr] [
  ptr @"seqbench.code", ptr @"seqbench.constants", ptr @"seqbench.data", ptr @"seqbench.zeros"
], section "llvm.metadata"
"""
_SCRIPT = """\
#!/bin/sh
# Links a program in layout {number}.
for word; do
    shift
    case $word in
    *.ll)
        cat "$word" {after} >"${{word%.ll}}.layout.ll" || exit 1
        set -- "$@" {before} "${{word%.ll}}.layout.ll"
        ;;
    *) set -- "$@" "$word" ;;
    esac
done
exec {linker} "$@"
"""


def with_layout(tools: Toolchain, number: int, cache: Path) -> Toolchain:
    """Return a toolchain that links programs in one of the layouts, from 1 to `LAYOUTS`.

    The layout is part of the digest and of the provenance of the tool that links, and so of the key of every program.

    Raises
    ------
    ToolchainError
        The programs of this toolchain are not linked with clang.
    """
    linker = next((tool for tool in tools.tools if tool.name == _LINKER and tool.folder), None)
    if linker is None:
        raise ToolchainError("the programs are not linked with clang")
    if number == 1:
        return tools
    laid_out = _laid_out(linker, number, cache)
    return replace(tools, tools=tuple(laid_out if tool is linker else tool for tool in tools.tools))


def paddings(number: int) -> tuple[str, str]:
    """Return the padding before a program, in C, and the one after it, in LLVM IR; the same ones on every machine."""
    drawn = random.Random(f"layout {number}")  # noqa: S311 - sizes, not a secret

    def filled(source: str) -> str:
        sizes = {
            name: _STEP_BYTES * drawn.randint(1, _PAGE_BYTES // _STEP_BYTES)
            for name in ("code", "constants", "data", "zeros")
        }
        return source.format(number=number, **sizes)

    return filled(_BEFORE), filled(_AFTER)


def _laid_out(clang: Tool, number: int, cache: Path) -> Tool:
    sources = paddings(number)
    whole = hashlib.sha256("\n".join((_SCRIPT, str(clang.folder), *sources)).encode()).hexdigest()
    folder = cache / _LINKER / f"layout-{number}-{whole[:16]}"
    files = [folder / "padding" / name for name in ("before.c", "after.ll")]
    for file, source in zip(files, sources, strict=True):
        write_atomically(file, source.encode())
    before, after, linker = (shlex.quote(str(path)) for path in (*files, clang.folder and clang.folder / _LINKER))
    script = _SCRIPT.format(number=number, before=before, after=after, linker=linker)
    write_atomically(folder / _LINKER, script.encode(), executable=True)
    # Not of the folder: the cache may lie elsewhere on another day.
    identity = hashlib.sha256("\n".join((clang.digest, _SCRIPT, *sources)).encode()).hexdigest()
    return replace(
        clang,
        folder=folder,
        digest=f"sha256:{identity}",
        provenance=f"{clang.provenance}, layout {number} of {LAYOUTS}",
    )
