"""Build the programs of a side in several layouts of their code."""

from collections.abc import Sequence
from dataclasses import replace

from seqbench.bench.build import Executable, build_all
from seqbench.bench.prepared import Prepared
from seqbench.bench.programs import Side
from seqbench.errors import ToolchainError
from seqbench.events import Listener, Phase
from seqbench.toolchain.layouts import LAYOUTS, with_layout


def layout_sides(ready: Prepared, listen: Listener) -> tuple[Side, ...]:
    """Return the first side in every layout, the one without padding first.

    Raises
    ------
    ToolchainError
        The programs cannot be linked in other layouts, or padding does not change them.
    """
    request, side = ready.request, ready.side
    listen(Phase(text=f"building the programs in {LAYOUTS} code layouts, once"))
    sides = [replace(side, name=_name(1))]
    for number in range(2, LAYOUTS + 1):
        tools = with_layout(side.tools, number, request.cache)
        built = build_all(
            tuple(side.executables), tools, cache=request.cache, environment=request.environment, listen=listen
        )
        sides.append(Side(name=_name(number), tools=tools, executables=built))
    _require_different(sides)
    return tuple(sides)


def _name(number: int) -> str:
    return f"layout-{number}"


def _require_different(sides: Sequence[Side]) -> None:
    """Raise an error where a program is the same in two layouts."""
    for program in sides[0].executables:
        built = [made.digest for side in sides if isinstance(made := side.executables[program], Executable)]
        if len(set(built)) < len(built):
            raise ToolchainError(
                f"{program.benchmark} is the same in every code layout: its compiler does not link LLVM IR with clang"
            )
