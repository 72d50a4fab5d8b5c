"""Read the variables of a runner on GitHub or Forgejo, and build the texts that the forge shows. Pure.

docs/CI.md describes the inputs of the action and what it reports.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from seqbench.ci.annotations import Annotation, Cause
from seqbench.errors import UsageError, require_known
from seqbench.paths import user_path
from seqbench.text import fenced, printable, without_tags
from seqbench.units import short_bytes

SUMMARY_LIMIT_BYTES = 1 << 20
"""GitHub refuses the whole job summary of a step if it is larger."""
COMMENT_LIMIT_BYTES = 65_000
"""GitHub refuses a comment of more than 65,536 characters."""
_NEVER = "never"
_DEFAULT_FAIL_ON = (Cause.FAILED, Cause.SLOWER)
# The full text is in the log and in the annotation.
_SHOWN_CHARACTERS = 400
_ROOM_FOR_NOTE_BYTES = 200
_FENCE = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerPaths:
    """The runner's folder for the checkout, and its files for outputs and the job summary."""

    workspace: Path
    output: Path
    summary: Path


def read_runner(environment: Mapping[str, str]) -> RunnerPaths:
    """Read the variables that every step on GitHub and Forgejo has.

    Raises
    ------
    UsageError
        One of them is not set, so this is not a step of a workflow.
    """
    return RunnerPaths(
        workspace=user_path(_variable(environment, "GITHUB_WORKSPACE")),
        output=user_path(_variable(environment, "GITHUB_OUTPUT")),
        summary=user_path(_variable(environment, "GITHUB_STEP_SUMMARY")),
    )


def parse_fail_on(text: str | None) -> tuple[Cause, ...]:
    """Return the causes that fail the step, which are separated by commas or white space.

    Raises
    ------
    UsageError
        A word is not a cause, or `never` is combined with one.
    """
    words = [word for word in re.split(r"[\s,]+", text or "") if word]
    for word in words:
        require_known(word, (*Cause, _NEVER), "cause", "fail-on")
    if _NEVER in words and set(words) != {_NEVER}:
        raise UsageError(
            f"fail-on {', '.join(words)}: {_NEVER} cannot be combined with causes", f"use {_NEVER} alone, or remove it"
        )
    if not words:
        return _DEFAULT_FAIL_ON
    return tuple(cause for cause in Cause if cause in words)


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
    return f"{name}<<{delimiter}\n{printable(value)}\n{delimiter}\n"


def summary(verdict: str, annotations: Iterable[Annotation], table: str, comparison: str) -> str:
    """Return the results in Markdown: the verdict, the annotations, the table, and the comparison if any."""
    found = [f"- **{_line(each.title)}**: {_line(each.message)}" for each in annotations]
    parts = [
        f"### seqbench: {verdict.replace(',', ', ')}",
        *([inert("\n".join(found))] if found else []),
        inert(table),
        *([fenced(comparison)] if comparison else []),
    ]
    return printable("\n\n".join(part.strip("\n") for part in parts) + "\n")


def inert(markdown: str) -> str:
    """Return Markdown in which the names of benchmarks and compilers notify nobody and load no image.

    The zero-width joiner after an @ keeps a forge from reading a user's name; a backslash ends what would be a link.
    """
    return markdown.replace("@", "@\u200d").replace("](", r"]\(").replace("][", r"]\[").replace("]:", r"]\:")


def comment_marker(environment: Mapping[str, str], name: str) -> str:
    """Return the hidden first line of the comment, by which the next run finds it: one for each use in a workflow.

    Parameters
    ----------
    name
        The name of the use, such as that of its artifact.
    """
    parts = [environment.get("GITHUB_WORKFLOW", ""), environment.get("GITHUB_JOB", ""), name]
    digest = hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:16]
    return f"<!-- seqbench {digest} -->"


def comment(page: str, marker: str, environment: Mapping[str, str]) -> str:
    """Return the text of a comment on a pull request: the marker, the results, the commit and the run."""
    notes = [f"Commit {commit[:12]}"] if re.fullmatch("[0-9a-f]{40,64}", commit := _sha(environment)) else []
    if url := _run_url(environment):
        notes.append(f"[log and files of this run]({url})")
    end = f"\n{', '.join(notes)}\n" if notes else ""
    room = COMMENT_LIMIT_BYTES - len((marker + end).encode())
    return f"{marker}\n{cut(page, room)}{end}"


def cut(text: str, limit_bytes: int) -> str:
    """Return whole lines of Markdown within a number of bytes: code blocks closed, with a note on what is missing.

    Nothing is left where not even the note has room.
    """
    size = len(text.encode())
    if size <= limit_bytes:
        return text
    if limit_bytes < _ROOM_FOR_NOTE_BYTES:
        return ""
    room, kept, fence = limit_bytes - _ROOM_FOR_NOTE_BYTES, [], ""
    for line in text.split("\n"):
        room -= len(line.encode()) + 1
        if room < len(fence):
            break
        kept.append(line)
        if found := _FENCE.match(line):
            fence = "" if line == fence else fence or found[0]
    kept += [fence] if fence else []
    return "\n".join([*kept, "", f"Cut at {short_bytes(limit_bytes)} of {short_bytes(size)}: report.html has all.", ""])


def _sha(environment: Mapping[str, str]) -> str:
    return environment.get("GITHUB_SHA", "")


def _run_url(environment: Mapping[str, str]) -> str:
    """Return the address of the workflow run; empty if the runner does not say."""
    server, repository = environment.get("GITHUB_SERVER_URL", ""), environment.get("GITHUB_REPOSITORY", "")
    # Forgejo's addresses have the number that counts the runs of a repository.
    run = environment.get("GITHUB_RUN_NUMBER" if is_forgejo(environment) else "GITHUB_RUN_ID", "")
    url = f"{server}/{repository}/actions/runs/{run}"
    return url if re.fullmatch(r"https?://[\w.:/-]+", url) and server and repository and run.isdecimal() else ""


def is_forgejo(environment: Mapping[str, str]) -> bool:
    """Return whether this is a step on Forgejo, or on Gitea, from which it comes."""
    return "true" in (environment.get("FORGEJO_ACTIONS"), environment.get("GITEA_ACTIONS"))


def _variable(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise UsageError(
            f"{name} is not set: this task runs only as a step of the action on GitHub or Forgejo",
            "use {invoke} bench, {invoke} gate --base SPEC and {invoke} report elsewhere",
        )
    return environment[name]


def _line(text: str) -> str:
    return without_tags(shorten(text, _SHOWN_CHARACTERS, placeholder=" ..."))
