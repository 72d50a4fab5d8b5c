"""The action on GitHub: its inputs, the runner's own variables, and what goes into the runner's files. Pure.

The step gives all inputs as JSON in the variable INPUTS, so that no text from outside is ever part of a script.
docs/GITHUB.md describes them.
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
from seqbench.text import fenced, without_tags, writable
from seqbench.toolchain.compiler_spec import Spec, parse_spec

_NEVER = "never"
_DEFAULT_FAIL_ON = (Cause.FAILED, Cause.SLOWER)
# All of it is in the log, and in the annotation.
_SHOWN_CHARACTERS = 400
_YES_OR_NO = {"true": True, "false": False, "": False}


class _Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The inputs as they were typed, by the names in action.yml; empty where one was left out."""

    seqc: str
    only: str
    size: str
    budget: str
    compare_to: str
    compare_budget: str
    fail_on: str
    raise_limits: str
    artifact: str
    """For a step of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of the action, as far as they can be read without a project; what was left empty is None."""

    flags: Flags
    """For the run: `seqc`, `only`, `size`, `budget`."""
    compare_to: Spec | None
    compare_budget: str | None
    fail_on: tuple[Cause, ...]
    raise_limits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Where the runner has the checkout, room for files of this job, and its files for outputs and the summary."""

    workspace: Path
    temporary: Path
    output: Path
    summary: Path


def read_runner(environment: Mapping[str, str]) -> Runner:
    """Read the variables that every step on GitHub has.

    Raises
    ------
    UsageError : one is not set, so that this is no such step.
    """
    return Runner(
        workspace=Path(_variable(environment, "GITHUB_WORKSPACE")),
        temporary=Path(_variable(environment, "RUNNER_TEMP")),
        output=Path(_variable(environment, "GITHUB_OUTPUT")),
        summary=Path(_variable(environment, "GITHUB_STEP_SUMMARY")),
    )


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Read the inputs from their variable.

    Raises
    ------
    UsageError : one makes no sense; what is a flag of `invoke bench` too is looked at with those.
    """
    try:
        given = msgspec.json.decode(_variable(environment, "INPUTS"), type=_Given)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise UsageError(f"INPUTS: {error}", "give all inputs of action.yml in it, as JSON") from error
    flags = {name: getattr(given, name).strip() or None for name in ("seqc", "only", "size", "budget")}
    return Inputs(
        flags=Flags(**flags),
        compare_to=_spec(given.compare_to.strip(), "compare-to") if given.compare_to.strip() else None,
        compare_budget=given.compare_budget.strip() or None,
        fail_on=_causes(given.fail_on),
        raise_limits=_yes_or_no(given.raise_limits.strip(), "raise-limits"),
    )


def cache_key(environment: Mapping[str, str], recipe: bytes, specs: Iterable[str]) -> str:
    """Give the key under which built compilers are kept: the system, how they are built, and which ones they are.

    `recipe` is the source of what builds them.
    """
    parts = [recipe, *(spec.encode(errors="surrogateescape") for spec in specs)]
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    # A compiler that was linked on a newer image does not start on an older one.
    system = [environment.get(name, "") for name in ("RUNNER_OS", "RUNNER_ARCH", "ImageOS")]
    return "-".join(["seqbench", *(part for part in system if part), digest])


def output_text(name: str, value: str, delimiter: str) -> str:
    """Write an output as the file of GITHUB_OUTPUT wants it; its delimiter must be drawn, so that no value ends early.

    Raises
    ------
    ValueError : the value has the delimiter in it.
    """
    if delimiter in value:
        raise ValueError(f"{name} has its own delimiter in it")
    return writable(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def summary(verdict: str, annotations: Iterable[Annotation], table: str, comparison: str) -> str:
    """Write the job summary in Markdown: the verdict, what was found, the table, and the comparison if there is one."""
    found = [f"- **{_line(each.title)}**: {_line(each.message)}" for each in annotations]
    parts = [
        f"### seqbench: {verdict.replace(',', ', ')}",
        *(["\n".join(found)] if found else []),
        table,
        *([fenced(comparison)] if comparison else []),
    ]
    return writable("\n\n".join(part.strip("\n") for part in parts) + "\n")


def _variable(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise UsageError(
            f"{name} is not set: this is what the action on GitHub does, and there is no runner here",
            "{invoke} bench, {invoke} gate --base SPEC and {invoke} report do the same elsewhere",
        )
    return environment[name]


def _line(text: str) -> str:
    return without_tags(shorten(text, _SHOWN_CHARACTERS, placeholder=" ..."))


def _spec(text: str, name: str) -> Spec:
    try:
        return parse_spec(text)
    except UsageError as error:
        raise UsageError(f"{name}: {error.message}", error.remedy) from error


def _causes(text: str) -> tuple[Cause, ...]:
    words = [word for word in re.split(r"[\s,]+", text) if word]
    for word in words:
        require_known(word, (*Cause, _NEVER), "cause", "fail-on")
    if _NEVER in words and set(words) != {_NEVER}:
        raise UsageError(f"fail-on: {_NEVER} stands beside {', '.join(words)}", f"use {_NEVER} alone, or leave it out")
    if not words:
        return _DEFAULT_FAIL_ON
    return tuple(cause for cause in Cause if cause in words)


def _yes_or_no(text: str, name: str) -> bool:
    if text not in _YES_OR_NO:
        raise UsageError(f"{name}: {text!r} is neither true nor false", f"give {name}: true, or leave it out")
    return _YES_OR_NO[text]
