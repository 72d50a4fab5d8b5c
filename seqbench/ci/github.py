"""Read the inputs of the action on GitHub and the runner's variables, and build the texts of the runner's files. Pure.

The step passes all inputs as JSON in the variable INPUTS, so that no text from outside becomes part of a script.
docs/GITHUB.md describes the inputs.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

import msgspec

from seqbench.ci.annotations import Annotation, Cause
from seqbench.errors import UsageError, require_known
from seqbench.flags import Flags
from seqbench.paths import user_path
from seqbench.text import fenced, printable, without_tags
from seqbench.toolchain.compiler_spec import Spec, parse_spec

_NEVER = "never"
_DEFAULT_FAIL_ON = (Cause.FAILED, Cause.SLOWER)
# The full text is in the log and in the annotation.
_SHOWN_CHARACTERS = 400
_YES_OR_NO = {"true": True, "false": False, "": False}


class _Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The inputs as they were typed, with the names of action.yml; empty if left out."""

    seqc: str
    only: str
    size: str
    budget: str
    compare_to: str
    compare_budget: str
    fail_on: str
    raise_limits: str
    artifact: str
    """Read by another step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of the action, as far as they can be read without a project; an empty input is None."""

    flags: Flags
    """The flags of the run: `seqc`, `only`, `size`, `budget`."""
    compare_to: Spec | None
    compare_budget: str | None
    fail_on: tuple[Cause, ...]
    raise_limits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerPaths:
    """The runner's folders for the checkout and for temporary files, and its files for outputs and the summary."""

    workspace: Path
    temporary: Path
    output: Path
    summary: Path


def read_runner(environment: Mapping[str, str]) -> RunnerPaths:
    """Read the variables that every step on GitHub has.

    Raises
    ------
    UsageError
        One of them is not set, so this is not a step on GitHub.
    """
    return RunnerPaths(
        workspace=user_path(_variable(environment, "GITHUB_WORKSPACE")),
        temporary=user_path(_variable(environment, "RUNNER_TEMP")),
        output=user_path(_variable(environment, "GITHUB_OUTPUT")),
        summary=user_path(_variable(environment, "GITHUB_STEP_SUMMARY")),
    )


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Read the inputs from the variable INPUTS.

    Raises
    ------
    UsageError
        An input is not valid; those that are also flags of `invoke bench` are checked later, with the flags.
    """
    try:
        given = msgspec.json.decode(_variable(environment, "INPUTS"), type=_Given)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise UsageError(f"INPUTS: {error}", "set it to all inputs of action.yml, as JSON") from error
    seqc, only, size, budget = (text.strip() or None for text in (given.seqc, given.only, given.size, given.budget))
    return Inputs(
        flags=Flags(seqc=seqc, only=only, size=size, budget=budget),
        compare_to=_spec(given.compare_to.strip(), "compare-to") if given.compare_to.strip() else None,
        compare_budget=given.compare_budget.strip() or None,
        fail_on=_causes(given.fail_on),
        raise_limits=_yes_or_no(given.raise_limits.strip(), "raise-limits"),
    )


def cache_key(environment: Mapping[str, str], recipe: bytes, specs: Iterable[str]) -> str:
    """Return the cache key of built compilers: the system, and a digest of the recipe and the compilers.

    Parameters
    ----------
    recipe
        The source of the module that builds the compilers.
    """
    parts = [recipe, *(spec.encode(errors="surrogateescape") for spec in specs)]
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    # A compiler that was linked on a newer image does not start on an older one.
    system = [environment.get(name, "") for name in ("RUNNER_OS", "RUNNER_ARCH", "ImageOS")]
    return "-".join(["seqbench", *(part for part in system if part), digest])


def output_text(name: str, value: str, delimiter: str) -> str:
    """Return an output in the format of the file GITHUB_OUTPUT.

    Parameters
    ----------
    delimiter
        A random text, so that no value can contain it.

    Raises
    ------
    ValueError
        The value contains the delimiter.
    """
    if delimiter in value:
        raise ValueError(f"the value of {name} contains the delimiter")
    return printable(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def summary(verdict: str, annotations: Iterable[Annotation], table: str, comparison: str) -> str:
    """Return the job summary in Markdown: the verdict, the annotations, the table, and the comparison if any."""
    found = [f"- **{_line(each.title)}**: {_line(each.message)}" for each in annotations]
    parts = [
        f"### seqbench: {verdict.replace(',', ', ')}",
        *(["\n".join(found)] if found else []),
        table,
        *([fenced(comparison)] if comparison else []),
    ]
    return printable("\n\n".join(part.strip("\n") for part in parts) + "\n")


def _variable(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise UsageError(
            f"{name} is not set: this task runs only as a step of the action on GitHub",
            "use {invoke} bench, {invoke} gate --base SPEC and {invoke} report elsewhere",
        )
    return environment[name]


def _line(text: str) -> str:
    return without_tags(shorten(text, _SHOWN_CHARACTERS, placeholder=" ..."))


def _spec(text: str, name: str) -> Spec:
    try:
        return parse_spec(text)
    except UsageError as error:
        raise UsageError(f"{name}: {error.message}", error.fix) from error


def _causes(text: str) -> tuple[Cause, ...]:
    words = [word for word in re.split(r"[\s,]+", text) if word]
    for word in words:
        require_known(word, (*Cause, _NEVER), "cause", "fail-on")
    if _NEVER in words and set(words) != {_NEVER}:
        raise UsageError(
            f"fail-on {', '.join(words)}: {_NEVER} cannot be combined with causes", f"use {_NEVER} alone, or remove it"
        )
    if not words:
        return _DEFAULT_FAIL_ON
    return tuple(cause for cause in Cause if cause in words)


def _yes_or_no(text: str, name: str) -> bool:
    if text not in _YES_OR_NO:
        raise UsageError(f"{name}: {text!r} is not valid, expected true or false", f"set {name}: true, or remove it")
    return _YES_OR_NO[text]
