"""Read the SPEC of a compiler: `7.7.5`, `path/to/seqc` or `checkout:DIR[@COMMIT]`, with settings after commas. Pure."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.paths import user_path
from seqbench.toolchain.settings import Kind, Setting, did_you_mean

_VERSION = re.compile(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHECKOUT = "checkout:"
# A hash that git abbreviates or writes out; other names of a commit may change what they mean.
_AT_COMMIT = re.compile(r"(?P<folder>.+)@(?P<commit>[0-9a-f]{7,40})")
_RUN = "run:"
_HELP = (
    "use a version (7.7.5), a path to seqc or checkout:DIR, with settings after commas: "
    "runtime=cargo-install, diagnostics=off, --loop-opt, SEQ_POOL_CAPACITY=100000"
)


# The options that seqbench itself interprets, and below those that `seqc build` has (its main.rs at 7.7.5), but for
# --output, which seqbench gives.
_RUNTIME = Setting(
    name="runtime",
    kind=Kind.CHOICE,
    words=("optimised", "cargo-install"),
    default="optimised",
    meaning="how the runtime inside the compiler is built",
)
_DIAGNOSTICS = Setting(
    name="diagnostics", kind=Kind.CHOICE, words=("on", "off"), default="on", meaning="diagnostics of the runtime"
)
_OWN = {option.name: option for option in (_RUNTIME, _DIAGNOSTICS)}
BUILD_FLAGS = (
    Setting(name="--loop-opt", kind=Kind.FLAG, meaning="compile self-recursive tail calls to loops"),
    Setting(
        name="--loop-yield-cadence",
        kind=Kind.COUNT,
        unit="iterations",
        power_of=2,
        most=(1 << 32) - 1,
        only_with="--loop-opt",
        meaning="iterations between yields in such a loop",
    ),
    Setting(name="--instrument", kind=Kind.FLAG, meaning="count the calls of each word, for SEQ_REPORT=words"),
    Setting(name="--keep-ir", kind=Kind.FLAG, meaning="keep the LLVM IR"),
    Setting(name="--pure-inline", kind=Kind.FLAG, meaning="run without the scheduler"),
    Setting(name="--ffi-manifest", kind=Kind.TEXT, meaning="a manifest of external functions"),
)
"""The options of `seqc build` that a SPEC may contain."""
OPTIONS = (*_OWN.values(), *BUILD_FLAGS)
"""All options of a SPEC except environment variables."""
_OPTION_NAMES = tuple(option.name for option in OPTIONS)


class RuntimeBuild(StrEnum):
    """How the runtime inside a compiler was built, which determines the speed of every program."""

    OPTIMISED = "optimised"
    CARGO_INSTALL = "cargo-install"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version from crates.io, which seqbench builds."""

    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """A compiler that somebody else built."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A clone of the Seq repository: what is checked out, built inside the clone, or a commit, built outside of it."""

    directory: Path
    commit: str = ""
    """The hash of a commit; empty for what is checked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The tools that a runtime finds on this machine, or that variables of the SPEC name: `GO=/opt/go/bin/go`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """A command that is run as it is: `run:./old {messages}`, or those of a suite under one name."""

    words: tuple[str, ...] = ()
    """The command, with `{parameter}` in it."""
    of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Benchmarks with commands of their own."""
    folder: Path | None = None
    """The folder to start it in; None for the current one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A compiler and the settings that its programs are built and run with."""

    text: str
    source: Published | Binary | Checkout | Installed | Commanded
    runtime: RuntimeBuild
    diagnostics: bool
    flags: tuple[str, ...]
    """Options of `seqc build`."""
    settings: tuple[tuple[str, str], ...]
    """Environment variables of the programs."""


def parse_spec(text: str) -> Spec:
    """Read a SPEC; relative paths stay relative. `runtimes.settings.require_valid` checks names and values.

    Raises
    ------
    UsageError
        A part is empty or has no value, a setting is given twice, or this kind of compiler does not have the setting.
    """
    if is_command(text):
        return _commanded(text)
    head, *parts = (part.strip() for part in text.split(","))
    source = _source(head, text)
    given = _given(parts, text)
    runtime = RuntimeBuild.UNKNOWN if isinstance(source, Binary) else RuntimeBuild.OPTIMISED
    if _RUNTIME.name in given:
        if not isinstance(source, Published):
            part = f"{_RUNTIME.name}={given[_RUNTIME.name]}"
            raise UsageError(f"{text!r}: {part} is only possible with a version such as 7.7.5", _HELP)
        runtime = RuntimeBuild(given[_RUNTIME.name])
    if _DIAGNOSTICS.name in given and isinstance(source, Binary):
        part = f"{_DIAGNOSTICS.name}={given[_DIAGNOSTICS.name]}"
        raise UsageError(f"{text!r}: {part} cannot be set for a compiler that is already built", _HELP)
    diagnostics = given.get(_DIAGNOSTICS.name, "on") == "on"
    if runtime is RuntimeBuild.CARGO_INSTALL and not diagnostics:
        raise UsageError(
            f"{text!r}: runtime=cargo-install cannot be combined with diagnostics=off", "remove one of the two"
        )
    return Spec(
        text=text,
        source=source,
        runtime=runtime,
        diagnostics=diagnostics,
        flags=tuple(f"{name}={value}" if value else name for name, value in given.items() if name.startswith("--")),
        settings=tuple(
            sorted((name, value) for name, value in given.items() if name not in _OWN and not name.startswith("--"))
        ),
    )


def is_command(text: str) -> bool:
    """Return whether a SPEC is a command that is run as it is."""
    return text.startswith(_RUN)


def _commanded(text: str) -> Spec:
    try:
        words = tuple(shlex.split(text.removeprefix(_RUN)))
    except ValueError as error:
        raise UsageError(f"{text!r}: {error}", "close the quotation") from error
    if not words:
        raise UsageError(f"{text!r} names no command", "use run: and a command, such as 'run:./old 100'")
    return Spec(
        text=text,
        source=Commanded(words=words),
        runtime=RuntimeBuild.UNKNOWN,
        diagnostics=True,
        flags=(),
        settings=(),
    )


def parse_variables(text: str) -> Spec:
    """Read the SPEC of any other runtime: variables that name its tools, and settings: `GO=/opt/go/bin/go,GOGC=200`.

    Raises
    ------
    UsageError
        A part is empty, has no value, or is given twice.
    """
    given = _given([part.strip() for part in text.split(",")], text)
    return Spec(
        text=text,
        source=Installed(),
        runtime=RuntimeBuild.UNKNOWN,
        diagnostics=True,
        flags=tuple(f"{name}={value}" if value else name for name, value in given.items() if name.startswith("--")),
        settings=tuple(sorted((name, value) for name, value in given.items() if not name.startswith("--"))),
    )


def _given(parts: Sequence[str], text: str) -> dict[str, str]:
    """Return the names and values of the parts after the compiler, with valid values of its own options."""
    given: dict[str, str] = {}
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not part:
            raise UsageError(f"{text!r}: a setting is empty, expected NAME=VALUE after each comma", _HELP)
        is_flag = name.startswith("--") and len(name) > len("--")
        if name.isupper() and not equals:
            raise UsageError(f"{text!r}: {name} has no value, expected {name}=VALUE", _HELP)
        if name not in _OWN and not is_flag and not (equals and _NAME.fullmatch(name)):
            raise UsageError(f"{text!r}: unknown setting {part!r}", f"{did_you_mean(name, _OPTION_NAMES)}{_HELP}")
        option = _OWN.get(name)
        if option and not option.is_valid(value):
            raise UsageError(
                f"{text!r}: {name} is {value!r}, expected {option.expected()}",
                f"{did_you_mean(value, option.words)}use {name}={option.default}, which is the default",
            )
        if is_flag and equals and not value:
            raise UsageError(f"{text!r}: {name} has an empty value", f"remove {part}, or give it a value")
        if name in given:
            values = f"{given[name]!r} and {value!r}" if given[name] != value else repr(value)
            raise UsageError(f"{text!r}: {name} is given twice{f', as {values}' if value else ''}", f"give {name} once")
        given[name] = value
    return given


def _source(head: str, text: str) -> Published | Binary | Checkout:
    if head.startswith(_CHECKOUT) and len(head) > len(_CHECKOUT):
        place = head.removeprefix(_CHECKOUT)
        if found := _AT_COMMIT.fullmatch(place):
            return Checkout(directory=user_path(found["folder"]), commit=found["commit"])
        return Checkout(directory=user_path(place))
    if _VERSION.fullmatch(head):
        return Published(version=head)
    if re.fullmatch(r"\d+(\.\d+)?", head):
        raise UsageError(f"{text!r}: {head!r} is not a complete version: expected three numbers such as 7.7.5", _HELP)
    if not head or head == _CHECKOUT:
        raise UsageError(f"{text!r} does not name a compiler", _HELP)
    return Binary(path=user_path(head))
