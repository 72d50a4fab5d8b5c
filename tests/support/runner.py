"""Plays GitHub's runner: does the steps of a composite action with their own expressions and scripts.

It knows as little of seqbench as the real one, and reads commands, outputs and expressions as the source of the real
one does (actions/runner). What a step `uses` is not done but noted, and its outputs are given.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.world import REPOSITORY

Context = Mapping[str, Any]
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[A-Za-z_][\w.-]*|==|!=|&&|\|\||[()])")
_TIMEOUT_S = 1800.0
_COMMANDS = ("error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "set-output", "stop-commands")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A workflow command that the runner took out of a log."""

    level: str
    properties: dict[str, str]
    message: str


@dataclass(slots=True, kw_only=True)
class Step:
    """A step that was done: what it was given, and what it left."""

    id: str
    uses: str = ""
    given: dict[str, str] = field(default_factory=dict)
    code: int = 0
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of an action: the steps that were done, in order, and the outputs of the whole."""

    steps: tuple[Step, ...]
    outputs: dict[str, str]

    def step(self, name: str) -> Step:
        """Return a step by its id, or by the name of what it uses."""
        return next(step for step in self.steps if step.id == name or step.uses.split("@")[0] == name)

    @property
    def did(self) -> list[str]:
        return [step.id or step.uses.split("@")[0] for step in self.steps]

    @property
    def failed(self) -> bool:
        return any(step.code for step in self.steps)

    @property
    def log(self) -> str:
        return "".join(step.log for step in self.steps)

    @property
    def told(self) -> list[Told]:
        return [told for step in self.steps for told in commands_in(step.log)]

    @property
    def summary(self) -> str:
        return "".join(step.summary for step in self.steps)


def play(
    action: Path,
    inputs: Mapping[str, str],
    *,
    environment: Mapping[str, str],
    workspace: Path,
    temporary: Path,
    played: Mapping[str, Mapping[str, str]],
) -> Ran:
    """Do the action in this folder; `played` gives the outputs of what its steps use."""
    described = yaml.safe_load((action / "action.yml").read_text())
    assert inputs.keys() <= described["inputs"].keys()
    given = {name: str(inputs.get(name, each["default"])) for name, each in described["inputs"].items()}
    context: dict[str, Any] = {"inputs": given, "steps": {}, "github": {"action_path": str(action)}}
    steps: list[Step] = []
    for number, told in enumerate(described["runs"]["steps"]):
        if not _is_due(told.get("if", "success()"), context, failed=any(step.code for step in steps)):
            continue
        step = Step(id=told.get("id", ""), uses=told.get("uses", ""))
        steps.append(step)
        if step.uses:
            step.given = {name: filled(str(text), context) for name, text in told.get("with", {}).items()}
            step.outputs = dict(played[step.uses.split("@")[0]])
        else:
            assert told["shell"] == "bash"
            folder = temporary / f"step-{number}"
            folder.mkdir(parents=True)
            variables = {name: filled(str(text), context) for name, text in told.get("env", {}).items()}
            _run(
                step,
                told["run"],
                folder=folder,
                workspace=workspace,
                environment={**environment, **variables, "GITHUB_ACTION_PATH": str(action)},
            )
        if step.id:
            context["steps"][step.id] = {"outputs": step.outputs}
    return Ran(
        steps=tuple(steps),
        outputs={name: filled(each["value"], context) for name, each in described["outputs"].items()},
    )


def _run(step: Step, text: str, *, folder: Path, workspace: Path, environment: Mapping[str, str]) -> None:
    assert "${{" not in text, "a script with an expression in it is for the linters to refuse"
    files = {name: folder / name for name in ("script", "output", "summary")}
    files["script"].write_text(text)
    for name in ("output", "summary"):
        files[name].touch()
    ended = subprocess.run(
        ("bash", "--noprofile", "--norc", "-eo", "pipefail", files["script"]),
        cwd=workspace,
        env={
            **environment,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(folder.parent),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "ImageOS": "ubuntu24",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    step.code, step.log = ended.returncode, ended.stdout
    step.outputs = dict(outputs_in(files["output"].read_text()))
    step.summary = files["summary"].read_text()


def outputs_in(text: str) -> Iterator[tuple[str, str]]:
    """Read the file of GITHUB_OUTPUT."""
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        equals, here = line.find("="), line.find("<<")
        if equals >= 0 and (here < 0 or equals < here):
            yield line[:equals], line[equals + 1 :]
            continue
        assert here > 0, f"no output: {line!r}"
        name, delimiter = line[:here], line[here + 2 :]
        value: list[str] = []
        for part in lines:
            if part == delimiter:
                break
            value.append(part)
        else:
            raise AssertionError(f"{name} does not end: {delimiter}")
        yield name, "\n".join(value)


def commands_in(log: str) -> list[Told]:
    """Take the workflow commands out of a log, but for what stands between stop-commands and its token."""
    found: list[Told] = []
    token = ""
    for line in log.split("\n"):
        match = re.match(r"\s*::(?P<name>[^ :]+)(?: (?P<given>.*?))?::(?P<data>.*)$", line)
        if match is None:
            assert token or "##[" not in line, f"a command in the old form: {line}"
            continue
        if token:
            token = "" if match["name"] == token else token
        elif match["name"] == "stop-commands":
            token = match["data"]
            assert token
        elif match["name"] in _COMMANDS:
            pairs = [each.split("=", 1) for each in (match["given"] or "").split(",") if each]
            properties = {key: _plain(value, ":%3A", ",%2C") for key, value in pairs}
            found.append(Told(level=match["name"], properties=properties, message=_plain(match["data"])))
    assert not token, "commands were stopped for good"
    return found


def _plain(text: str, *more: str) -> str:
    """Undo the escapes, that of the escape itself last."""
    for character, escaped in ((each[0], each[1:]) for each in (*more, "\r%0D", "\n%0A", "%%25")):
        text = text.replace(escaped, character)
    return text


def filled(text: str, context: Context) -> str:
    """Fill in the expressions of a text."""
    return _EXPRESSION.sub(lambda match: _text(_value(match[1], context, failed=False)), text)


def _is_due(condition: str, context: Context, *, failed: bool) -> bool:
    inner = _EXPRESSION.fullmatch(condition.strip())
    text = inner[1] if inner else condition
    if not re.search(r"\b(always|failure|cancelled|success)\(\)", text):
        text = f"success() && ({text})"
    return bool(_value(text, context, failed=failed))


def _text(value: Any) -> str:  # noqa: ANN401 - whatever an expression comes to
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(text: str, context: Context, *, failed: bool) -> Any:  # noqa: ANN401 - as above
    return _Expression(text, context, failed=failed).value()


class _Expression:
    """Works out an expression: what is made use of here, and an error for anything else."""

    def __init__(self, text: str, context: Context, *, failed: bool) -> None:
        self._context = context
        self._failed = failed
        self._tokens: list[str] = []
        rest = text.strip()
        while rest:
            match = _TOKEN.match(rest)
            assert match, f"cannot be read: {rest!r}"
            self._tokens.append(match[1])
            rest = rest[match.end() :]

    def value(self) -> Any:  # noqa: ANN401 - as above
        found = self._either()
        assert not self._tokens, f"left over: {self._tokens}"
        return found

    def _next_is(self, *tokens: str) -> bool:
        return bool(self._tokens) and self._tokens[0] in tokens

    def _either(self) -> Any:  # noqa: ANN401
        value = self._both()
        while self._next_is("||"):
            self._tokens.pop(0)
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:  # noqa: ANN401
        value = self._equal()
        while self._next_is("&&"):
            self._tokens.pop(0)
            other = self._equal()
            value = value and other
        return value

    def _equal(self) -> Any:  # noqa: ANN401
        value = self._one()
        while self._next_is("==", "!="):
            wants_same = self._tokens.pop(0) == "=="
            # GitHub compares without regard to case.
            value = (_text(value).lower() == _text(self._one()).lower()) is wants_same
        return value

    def _one(self) -> Any:  # noqa: ANN401
        word = self._tokens.pop(0)
        if word == "(":
            value = self._either()
            assert self._tokens.pop(0) == ")"
            return value
        if word.startswith("'"):
            return word[1:-1].replace("''", "'")
        assert word[0].isalpha(), f"cannot be worked out: {word}"
        return self._called(word) if self._next_is("(") else self._found(word)

    def _called(self, name: str) -> Any:  # noqa: ANN401
        self._tokens.pop(0)
        given = [] if self._next_is(")") else [self._either()]
        assert self._tokens.pop(0) == ")"
        match name, given:
            case "always", []:
                return True
            case "success", []:
                return not self._failed
            case "toJSON", [value]:
                return json.dumps(value, indent=2)
        raise AssertionError(f"no such function: {name}({given})")

    def _found(self, name: str) -> Any:  # noqa: ANN401
        value: Any = self._context
        for part in name.split("."):
            # As on GitHub, what is not there is empty.
            value = value.get(part, "") if isinstance(value, Mapping) else ""
        return value


ACTION = REPOSITORY / ".github" / "actions" / "seqbench" / "action.yml"
DEFAULTS = {name: str(each["default"]) for name, each in yaml.safe_load(ACTION.read_text())["inputs"].items()}
