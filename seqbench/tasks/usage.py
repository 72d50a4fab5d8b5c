"""Explain a command line that is empty or wrong: the tasks to begin with, or what has a similar name.

Invoke says only "No idea what '--bugdet' is!", and it accepts its own short flags after the name of a task, where they
do nothing: `bench -r 5` would run everything. Without a task it prints its own flags, not the tasks. It has no setting
for any of this, so four of its methods are replaced.
"""

import difflib
import os
import re
import sys
from ast import literal_eval
from typing import NoReturn

from invoke.collection import Collection
from invoke.exceptions import Exit, ParseError
from invoke.parser.parser import ParseMachine
from invoke.program import Program

from seqbench.errors import filled
from seqbench.project import Project
from seqbench.tasks.colour import coloured_message, is_wanted

_UNKNOWN = re.compile(r"No idea what (.*) is!", re.DOTALL)
_SHORT = re.compile(r"-[A-Za-z0-9]")
_IS_PATH = re.compile(r"[./]")
# A word that looks like a file is most likely meant for the first of these that the task has.
_FILE_FLAGS = ("--session", "--import", "--resume", "--json")
_HELP = "-h"
_MOST_NAMED = 3
FIRST_TASKS = ("bench", "compare", "gate", "explain", "report", "doctor")
"""The tasks that most people need, in the order in which they need them."""
_handle = ParseMachine.handle
_parse_cleanup = Program.parse_cleanup


def explain_errors(project: Project) -> None:
    """Let Invoke report mistakes in command lines as seqbench reports its errors, with the command of `project`."""

    def message_of(what: str, fix: str) -> str:
        message = filled(f"error: {what}\n  fix: {fix}", project.command)
        return coloured_message(message) if is_wanted(sys.stderr, os.environ) else message

    def handle(machine: ParseMachine, token: str) -> None:
        is_in_task = bool(_task(machine)) and machine.current_state != "unknown"
        if is_in_task and _SHORT.fullmatch(token) and token != _HELP and not machine.waiting_for_flag_value:
            error(machine, f"No idea what {token!r} is!")
        _handle(machine, token)

    def error(machine: ParseMachine, message: str) -> NoReturn:
        what, fix = _explained(machine, message)
        # Invoke prints it and exits with 1.
        raise ParseError(message_of(what, fix), machine.context)

    def parse_cleanup(program: Program) -> None:
        task = program.args.help.value
        if isinstance(task, str) and task not in program.parser.contexts:
            what, fix = _unknown_task(task, list(program.parser.contexts))
            raise ParseError(message_of(what, fix))
        _parse_cleanup(program)

    def no_tasks_given(program: Program) -> None:
        print(overview(program.collection, project.command))
        raise Exit

    Program.no_tasks_given = no_tasks_given  # type: ignore[assignment, method-assign]
    Program.parse_cleanup = parse_cleanup  # type: ignore[assignment, method-assign]
    ParseMachine.handle = handle  # type: ignore[assignment, method-assign]
    ParseMachine.error = error  # type: ignore[assignment, method-assign]


def overview(namespace: Collection, command: str) -> str:
    """Return the text for a command line without a task: the tasks that most people need, and where the others are."""
    width = max(len(name) for name in FIRST_TASKS)
    lines = [
        f"  {command} {name:<{width}}  {(namespace[name].__doc__ or '').strip().splitlines()[0]}"
        for name in FIRST_TASKS
        if name in namespace.task_names
    ]
    return "\n".join(
        (
            "seqbench measures Seq against Go and other runtimes. Begin with:",
            "",
            *lines,
            "",
            f"{command} --list shows all tasks, {command} --help bench explains the flags of one.",
        )
    )


def _task(machine: ParseMachine) -> str:
    """Return the name of the task whose flags are being parsed; empty before the first task."""
    return "" if machine.context is None or machine.context.name is None else str(machine.context.name)


def _explained(machine: ParseMachine, message: str) -> tuple[str, str]:
    """Return what is wrong, and the fix."""
    task = _task(machine)
    usage = f"{{invoke}} {task} --help shows its flags" if task else "{invoke} --help shows all flags"
    if unknown := _UNKNOWN.fullmatch(message):
        token = str(literal_eval(unknown[1]))
        if token.startswith("-"):
            return _unknown_flag(machine, token, usage)
        if task and _IS_PATH.search(token):
            return _stray_file(machine, token, usage)
        return _unknown_task(token, list(machine.contexts))
    if machine.flag is not None and machine.flag.takes_value and machine.flag.raw_value is None:
        return f"--{machine.flag.name} needs a value", f"--{machine.flag.name} VALUE; {usage}"
    if task and (missing := [argument.name for argument in machine.context.missing_positional_args]):
        words = " ".join(str(name).upper() for name in missing)
        return f"{task}: {words} is missing", f"{{invoke}} {task} {words}"
    return message, usage


def _unknown_flag(machine: ParseMachine, token: str, usage: str) -> tuple[str, str]:
    task = _task(machine)
    what = f"no flag {token!r} of {task!r}" if task else f"no flag {token!r}"
    known = [flag for flag in machine.context.flags if flag.startswith("--")]
    if _SHORT.fullmatch(token) and task:
        near = [flag for flag in known if flag.startswith(f"-{token}")]
        choice = f"use {' or '.join(near)}; " if near else ""
        return f"{what}: its flags have no short forms", f"{choice}{usage}"
    if near := difflib.get_close_matches(token.strip("-"), [flag.strip("-") for flag in known], n=2, cutoff=0.6):
        guess = " or ".join(repr(f"--{name}") for name in near)
        return what, f"did you mean {guess}? {usage}"
    others = sorted(name for name, context in machine.contexts.items() if token in context.flags)
    elsewhere = f"{token} is a flag of {', '.join(others[:_MOST_NAMED])}; " if others else ""
    return what, f"{elsewhere}{usage}"


def _stray_file(machine: ParseMachine, token: str, usage: str) -> tuple[str, str]:
    """Explain a file without the flag that takes it."""
    flag = next((flag for flag in _FILE_FLAGS if flag in machine.context.flags), "")
    choice = f"use {flag} {token}; " if flag else ""
    return f"{_task(machine)}: {token!r} is no task, and no flag takes it", f"{choice}{usage}"


def _unknown_task(token: str, known: list[str]) -> tuple[str, str]:
    near = difflib.get_close_matches(token, known, n=2, cutoff=0.5)
    guess = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"no task named {token!r}", f"{guess}{{invoke}} --list shows all tasks"
