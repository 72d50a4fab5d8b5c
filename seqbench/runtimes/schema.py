"""Define what the file of a runtime may hold. Pure.

The JSON schema of the documentation is made from these structs, so that each key has its meaning here.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seqbench.toolchain.settings import Kind

Words = list[str]


class RawTool(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """One tool: in commands `{NAME}` is its path, `{NAME.folder}` its folder and `{NAME.version}` its version."""

    find: Annotated[
        Words,
        Meta(
            min_length=1,
            description="places, each asked in turn until a version fits: env:VARIABLE, wheel:DISTRIBUTION/FILE, "
            "path:NAME, path:NAME-* (highest version first), maven:GROUP:ARTIFACT:VERSION#sha256=DIGEST, "
            "provider:seqc, provider:clang, provider:crate/NAME",
        ),
    ]
    version: Annotated[Words, Meta(description="the command that prints the version")] = []
    version_pattern: Annotated[str, Meta(description="a regular expression with the group `version`")] = ""
    at_least: Annotated[str, Meta(description="the oldest version that will do")] = ""
    below: Annotated[str, Meta(description="the first version that will not do any more")] = ""
    environment: Annotated[dict[str, str], Meta(description="variables for every start of the tool")] = {}
    systems: Annotated[
        list[Literal["linux", "macos", "windows"]], Meta(description="where the tool runs; everywhere without it")
    ] = []
    fix: Annotated[str, Meta(description="how to get the tool")] = ""


class RawBuild(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """How a program is made. Without this table the source itself is run."""

    commands: Annotated[list[Words], Meta(min_length=1, description="run one after another, without a shell")]
    output: Annotated[Literal["file", "folder"], Meta(description="what {output} is")] = "file"
    made: Annotated[str, Meta(description="what must exist afterwards")] = "{output}"
    shared: Annotated[Words, Meta(description="files of the suite's folder that every source needs")] = []
    entry: Annotated[
        str, Meta(description="for `invoke new`: what the first of these files has for a program, with NAME in it")
    ] = ""
    path: Annotated[Words, Meta(description="tools that other tools find on PATH by their names")] = []
    files: Annotated[dict[str, str], Meta(description="files for the folder that the commands are started in")] = {}
    environment: dict[str, str] = {}
    baseline: Annotated[
        dict[str, str | Words], Meta(description="variables for the oldest CPU; `flags` are the words of {target}")
    ] = {}
    native: Annotated[
        dict[str, str | Words], Meta(description="variables for this CPU; `flags` are the words of {target}")
    ] = {}


class RawCompilerBug(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """How to recognise that the compiler made code which the next tool refuses, which is no error of the program."""

    tool: Annotated[str, Meta(description="the compiler, one of the tools")]
    pattern: Annotated[str, Meta(min_length=1, description="a regular expression for the output of a failed build")]
    keep: Annotated[str, Meta(min_length=1, description="the files of the build to keep, such as *.ll")]
    fix: Annotated[str, Meta(min_length=1, description="what may help")]


class RawRun(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """How a program is started."""

    command: Annotated[Words, Meta(min_length=1, description="the parameters follow")]
    environment: Annotated[dict[str, str], Meta(description="variables that are always set")] = {}
    settings: Annotated[Words, Meta(description="variables of the user that change a run; * ends a prefix")] = []
    folder: Annotated[
        Literal["scratch", "source"], Meta(description="an empty folder, or a copy of the benchmark's folder")
    ] = "scratch"


class RawLint(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """Commands that must find nothing."""

    commands: list[Words]


class RawProcessor(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """The most processor time that start and end take."""

    most: Annotated[str, Meta(description="a duration such as 10ms")]
    per: Annotated[dict[str, str], Meta(description="the time that one of the number in a setting adds")] = {}


class RawStartup(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """The most that start and end may add to the own clock; without it that is not checked."""

    most: Annotated[str, Meta(description="a duration such as 0.5s")]
    per: Annotated[dict[str, str], Meta(description="the time that one of the number in a setting adds")] = {}
    processor: Annotated[RawProcessor | None, Meta(description="the same of processor time; without it: unknown")] = (
        None
    )
    unset: Annotated[dict[str, int], Meta(description="the number of a setting that is not set")] = {}


class RawAmounts(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """Memory maps, bytes of memory and of address space, and threads."""

    maps: float = 0
    bytes: Annotated[int | str, Meta(description='a number, or a size such as "64 MiB"')] = 0
    address: Annotated[int | str, Meta(description="address space that is reserved, used or not")] = 0
    threads: float = 0


class RawStrand(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """What a program and each of its live strands need; without it no size is adapted to the machine."""

    base: RawAmounts = RawAmounts()
    each: RawAmounts = RawAmounts()


class RawQuickStart(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """Settings that shorten the start-up of a program with few strands; only comparisons use them."""

    set: Annotated[dict[str, str | int], Meta(description="arithmetic over `live`, the most strands alive at once")]
    below: Annotated[int, Meta(description="a value is used where it is less")]


class RawReport(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """What a program says of itself in a JSON object."""

    settings: Annotated[dict[str, str], Meta(description="variables that turn the report on")]
    json: Annotated[
        dict[Literal["spawned", "completed", "peak", "sent", "received", "threads"], str],
        Meta(description="the keys of the JSON object"),
    ]
    stream: Annotated[Literal["stderr", "stdout"], Meta(description="where it is printed")] = msgspec.field(
        name="from", default="stderr"
    )
    own_strands: Annotated[int, Meta(description="strands that the report counts and the ledger does not")] = 0
    fix: Annotated[str, Meta(description="what a report takes")] = ""


class RawSetting(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """A variable that the programs read. An unknown one is an error in a SPEC and a warning in the environment."""

    kind: Annotated[Kind, Meta(description="what a value looks like")]
    meaning: Annotated[str, Meta(min_length=1)]
    default: Annotated[str, Meta(description="the value that changes nothing")] = ""
    unit: Annotated[str, Meta(description="what a count counts")] = ""
    least: int = 1
    most: Annotated[int | None, Meta(description="below 2^64 without it")] = None
    words: Annotated[
        Words, Meta(description="words that a value may be; one that ends with a colon takes any text")
    ] = []
    only_with: Annotated[str, Meta(description="the setting without which this one has no effect")] = ""
    levels: Annotated[Words, Meta(description="values that `invoke tune` tries")] = []
    serves_strands: Annotated[
        bool, Meta(description="the number of live strands up to which something is kept ready")
    ] = False
    slows_all: Annotated[bool, Meta(description="more live strands than that slow down all of them")] = False
    maps_each: Annotated[int, Meta(description="memory maps at the start for each one that is counted")] = 0


class RawRuntime(msgspec.Struct, forbid_unknown_fields=True, rename="kebab", frozen=True):
    """A runtime: how to find its tools, and how to build, lint and start its programs."""

    title: Annotated[str, Meta(min_length=1)]
    extension: Annotated[str, Meta(pattern=r"^\.[A-Za-z0-9_.+-]+$", description="the longest one claims a file")]
    run: RawRun
    tools: dict[str, RawTool] = {}
    build: RawBuild | None = None
    lint: RawLint | None = None
    alias: Annotated[Words, Meta(description="other names of the runtime in layouts")] = []
    default: Annotated[bool, Meta(description="measured without --runtimes")] = False
    position: Annotated[int, Meta(description="the place among the columns")] = 1_000
    library: Annotated[str, Meta(description="the runtime that is the library below this one")] = ""
    template: Annotated[
        str, Meta(description="for `invoke new`, beside this file, with NAME, or NAME_IN_CODE without hyphens")
    ] = ""
    startup: RawStartup | None = None
    strand: RawStrand | None = None
    quick_start: RawQuickStart | None = None
    report: RawReport | None = None
    settings: Annotated[dict[str, RawSetting], Meta(description="the variables of [run] settings that are known")] = {}
    compiler_bug: RawCompilerBug | None = None
