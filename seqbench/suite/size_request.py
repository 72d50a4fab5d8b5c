"""Read which size of the benchmarks a user asks for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from seqbench.errors import UsageError, require_known
from seqbench.suite.benchmarks import Benchmark
from seqbench.units import parse_count


class SizeName(StrEnum):
    """The named sizes of every benchmark."""

    FULL = "full"
    REDUCED = "reduced"
    QUICK = "quick"


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRequest:
    """The size that the user requested: a name, or a number for the parameter that scales."""

    name: SizeName | None = None
    number: int | None = None
    strict: bool = False
    """Raise an error, instead of choosing a smaller size, when the size does not fit the machine."""
    values: tuple[tuple[str, int], ...] = ()
    """Values of parameters by name; a benchmark without such a parameter is an error."""
    only_scaling: bool = False
    """Apply `name` only to the parameter that scales; all others have their full size."""
    named: tuple[tuple[str, int], ...] = ()
    """Numbers for single benchmarks or parameters, by name; others are as the rest of the request says."""

    @property
    def text(self) -> str:
        """Return the request in the form of `--size`."""
        named = [f"{name}={value:,}" for name, value in (*self.values, *self.named)]
        if named and self.name is SizeName.FULL and not self.strict:
            return " ".join(named)
        general = self.name.value if self.name is not None else f"{self.number:,}" if self.number else ""
        return " ".join([general, *named] if general else named)

    @property
    def flag(self) -> str | None:
        """Return the value of `--size` that requests the same; None for no flag."""
        named = [f"{name}={value}" for name, value in self.named]
        if self.name is SizeName.FULL and not self.strict:
            return ",".join(named) or None
        return ",".join([self.name.value if self.name is not None else str(self.number), *named])

    def of(self, benchmark: Benchmark) -> "SizeRequest":
        """Return the request for one benchmark, with the numbers for it and for its parameters as values."""
        scaling = benchmark.scaling
        parameters = {parameter.name for parameter in benchmark.parameters}
        values = dict(self.values) | {name: value for name, value in self.named if name in parameters}
        if scaling is not None:
            values.update((scaling.name, value) for name, value in self.named if name == benchmark.name)
        if values == dict(self.values):
            return replace(self, named=())
        return replace(self, values=tuple(values.items()), named=(), strict=True)


def parse_size(text: str | None) -> SizeRequest:
    """Parse `--size`: a size for all benchmarks, and `NAME=NUMBER` for single ones, separated by commas.

    A size is `full`, `reduced`, `quick`, or a number for the parameter that scales. NAME is a benchmark, for the
    parameter of it that scales, or a parameter. `None` requests the full size, or the largest that fits the machine.
    `reduced` is a tenth of full, or less when the machine is too small for that. The others are strict.

    Raises
    ------
    UsageError
        The text is none of these, or has two sizes for all benchmarks or for the same name.
    """
    if text is None:
        return SizeRequest(name=SizeName.FULL)
    parts = [part.strip() for part in text.split(",")]
    general = [part for part in parts if "=" not in part]
    named = [_parse_named(part, text) for part in parts if "=" in part]
    names = [name for name, _ in named]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"--size {text}: {twice[0]} has two sizes", "give one of them")
    size = _parse_general(general, text) if general else SizeRequest(name=SizeName.FULL)
    return replace(size, named=tuple(named))


def _parse_general(parts: Sequence[str], text: str) -> SizeRequest:
    if len(parts) == 1 and parts[0] in tuple(SizeName):
        return SizeRequest(name=SizeName(parts[0]), strict=parts[0] != SizeName.REDUCED)
    try:
        return SizeRequest(number=parse_count(parts[0] if len(parts) == 1 else text), strict=True)
    except ValueError:
        fix = "use --size full, reduced, quick, a number, or NAME=NUMBER for one benchmark"
        raise UsageError(f"--size {text}: unknown size", fix) from None


def _parse_named(part: str, text: str) -> tuple[str, int]:
    name, _, number = (piece.strip() for piece in part.partition("="))
    try:
        return name, parse_count(number)
    except ValueError as error:
        raise UsageError(f"--size {text}: {error}", "use --size NAME=NUMBER, such as skynet=100000") from None


def require_names(benchmarks: Sequence[Benchmark], request: SizeRequest) -> None:
    """Check that each `NAME=NUMBER` names one of the benchmarks, or a parameter of one.

    Raises
    ------
    UsageError
        A name is neither.
    """
    known = [each.name for each in benchmarks if each.scaling]
    known += [parameter.name for each in benchmarks for parameter in each.parameters]
    for name, _ in request.named:
        if name not in known and any(each.name == name for each in benchmarks):
            raise UsageError(
                f"--size: {name} has no parameter that scales, so it has only one size", f"remove {name} from --size"
            )
        require_known(name, tuple(dict.fromkeys(known)), "benchmark or parameter", "--size")
