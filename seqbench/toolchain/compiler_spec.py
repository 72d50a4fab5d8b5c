"""Read the SPEC of a compiler: `7.7.5`, `path/to/seqc` or `checkout:DIR`, with settings after commas. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from seqbench.errors import UsageError
from seqbench.paths import user_path

_VERSION = re.compile(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_SETTING = re.compile(r"[A-Z][A-Z0-9_]*")
_CHECKOUT = "checkout:"
_HELP = (
    "use a version (7.7.5), a path to seqc or checkout:DIR, with settings after commas: "
    "runtime=cargo-install, diagnostics=off, --loop-opt, SEQ_POOL_CAPACITY=100000"
)


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
    """A clone of the Seq repository, which seqbench builds inside the clone."""

    directory: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A compiler and the settings that its programs are built and run with."""

    text: str
    source: Published | Binary | Checkout
    runtime: RuntimeBuild
    diagnostics: bool
    flags: tuple[str, ...]
    """Options of `seqc build`."""
    settings: tuple[tuple[str, str], ...]
    """Environment variables of the programs."""


def parse_spec(text: str) -> Spec:
    """Read a SPEC; relative paths stay relative.

    Raises
    ------
    UsageError
        A part is empty or unknown, or this kind of compiler does not have the setting.
    """
    head, *parts = (part.strip() for part in text.split(","))
    source = _source(head, text)
    runtime = RuntimeBuild.UNKNOWN if isinstance(source, Binary) else RuntimeBuild.OPTIMISED
    diagnostics = True
    flags: list[str] = []
    settings: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if part.startswith("--") and len(part) > len("--"):
            flags.append(part)
        elif key == "runtime" and value in (RuntimeBuild.OPTIMISED, RuntimeBuild.CARGO_INSTALL):
            if not isinstance(source, Published):
                raise UsageError(f"{text!r}: {part} is only possible with a version such as 7.7.5", _HELP)
            runtime = RuntimeBuild(value)
        elif key == "diagnostics" and value in ("on", "off"):
            if isinstance(source, Binary):
                raise UsageError(f"{text!r}: {part} cannot be set for a compiler that is already built", _HELP)
            diagnostics = value == "on"
        elif equals and _SETTING.fullmatch(key):
            settings[key] = value
        else:
            raise UsageError(f"{text!r}: unknown setting {part!r}", _HELP)
    if runtime is RuntimeBuild.CARGO_INSTALL and not diagnostics:
        raise UsageError(
            f"{text!r}: runtime=cargo-install cannot be combined with diagnostics=off", "remove one of the two"
        )
    return Spec(
        text=text,
        source=source,
        runtime=runtime,
        diagnostics=diagnostics,
        flags=tuple(flags),
        settings=tuple(sorted(settings.items())),
    )


def _source(head: str, text: str) -> Published | Binary | Checkout:
    if head.startswith(_CHECKOUT) and len(head) > len(_CHECKOUT):
        return Checkout(directory=user_path(head.removeprefix(_CHECKOUT)))
    if _VERSION.fullmatch(head):
        return Published(version=head)
    if re.fullmatch(r"\d+(\.\d+)?", head):
        raise UsageError(f"{text!r}: {head!r} is not a complete version: expected three numbers such as 7.7.5", _HELP)
    if not head or head == _CHECKOUT:
        raise UsageError(f"{text!r} does not name a compiler", _HELP)
    return Binary(path=user_path(head))
