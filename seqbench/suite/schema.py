"""Define what `benchmark.toml` and `suite.toml` may hold. Pure.

The JSON schemas of the documentation are made from these structs, so that each key has its meaning here.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from seqbench.runtimes.schema import RawRuntime

Arithmetic = Annotated[str | int, Meta(description="integer arithmetic over the parameters: + - * // % **, max, min")]


class RawParameter(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """A positional argument of the programs."""

    full: Annotated[int, Meta(description="its value at full size")]
    quick: Annotated[int, Meta(description="its value at the quick size")]
    scales: Annotated[bool, Meta(description="the one that --size changes")] = False
    power_of: Annotated[int | None, Meta(description="only powers of this number are valid")] = None
    unit: Annotated[str, Meta(description="what is counted, for labels")] = ""
    aliases: Annotated[tuple[str, ...], Meta(description="other names of it in flags")] = ()


class RawExpect(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """What a correct program prints."""

    result: Annotated[str | int | None, Meta(description="integer arithmetic over the parameters")] = None
    ledger: Annotated[dict[str, Arithmetic], Meta(description="counts that every program must print")] = {}
    control_messages: Annotated[
        str | int | None, Meta(description="messages that the ledger does not count, such as sentinels")
    ] = None


class RawThroughput(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """The rate in the table."""

    unit: Annotated[str, Meta(description="such as msg/sec")]
    count: Arithmetic


class RawNeeds(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """What decides which size fits a machine."""

    live_strands: Annotated[str | int | None, Meta(description="the most strands alive at once")] = None


class RawVariant(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """A second program of a runtime."""

    label: str


class RawManifest(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """One benchmark."""

    title: Annotated[str | None, Meta(description="for tables; {parameter} is its value")] = None
    about: Annotated[str, Meta(description="what it measures")] = ""
    timeout: Annotated[str | None, Meta(description="the longest run, such as 5m")] = None
    parameters: Annotated[dict[str, RawParameter], Meta(description="in the order of the arguments")] = {}
    expect: RawExpect = RawExpect()
    throughput: RawThroughput | None = None
    needs: RawNeeds = RawNeeds()
    variants: dict[str, RawVariant] = {}


class RawLayout(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """Where the sources of a suite lie."""

    sources: Annotated[
        str,
        Meta(
            description="the path of a source within the suite, with {benchmark}, {runtime}, {extension}, {variant}, "
            "{category} and *"
        ),
    ] = "{benchmark}/{benchmark}{variant}{extension}"


class RawPattern(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """Where the figures stand in the output."""

    line: Annotated[
        str,
        Meta(
            description="a regular expression, sought in all of standard output, with groups: result, test, category, "
            "one of elapsed_s, elapsed_ms, elapsed_us and elapsed_ns, and any other for counts of the ledger"
        ),
    ]
    repeated: Annotated[Literal["error", "last"], Meta(description="what two matches of one test are")] = "error"


class RawOutput(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """What programs print."""

    format: Annotated[
        Literal["lines", "pattern", "none"], Meta(description="`key: value` lines, a pattern, or nothing that is read")
    ] = "lines"
    clock: Annotated[
        Literal["own", "wall"] | None, Meta(description="the time that a program prints, or that of the whole process")
    ] = None
    pattern: RawPattern | None = None


class RawSuiteRuntime(RawRuntime, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """A runtime of a suite."""

    extends: Annotated[str, Meta(description="a runtime whose tables are kept where none is given here")] = ""
    sources: Annotated[str, Meta(description="a layout of its own")] = ""
    output: Annotated[RawOutput | None, Meta(description="what its programs print")] = None
    arguments: Annotated[
        list[str] | None,
        Meta(description="the arguments of its programs, with {parameter} in them; all parameters if left out"),
    ] = None


class RawSuite(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """A suite: where its sources lie, what its programs print, and runtimes of its own."""

    layout: RawLayout = RawLayout()
    output: RawOutput = RawOutput()
    benchmarks: Annotated[
        dict[str, RawManifest], Meta(description="all that benchmark.toml may hold, for folders that stay untouched")
    ] = {}
    commands: Annotated[
        dict[str, str | dict[str, str]],
        Meta(
            description="programs without sources: commands by their names, in a table of their benchmark, with "
            "{parameter} in them; those without a table are the benchmark `commands`"
        ),
    ] = {}
    # Each is checked when its tables are complete, since `extends` brings the rest.
    runtimes: dict[str, dict[str, Any]] = {}
