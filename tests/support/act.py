"""Runs workflows with nektos/act on this machine, under the variables of GitHub or of Forgejo.

Forgejo's runner is built on the same engine. Small local actions stand in for those of others, and a
script that installs nothing for the Python of the runner; the rest is done as a forge does it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.forge import Told, commands_in
from tests.support.world import REPOSITORY, World

ACTION = ".github/actions/seqbench"
OURS = f"owner/seqbench/{ACTION}@main"
GITHUB, FORGEJO = "github", "forgejo"
FORGES: dict[str, dict[str, str]] = {
    GITHUB: {},
    FORGEJO: {
        "FORGEJO_ACTIONS": "true",
        "GITEA_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://forge.example",
        "GITHUB_API_URL": "https://forge.example/api/v1",
    },
}
EVENT = {"ref": "refs/heads/main"}
_TIMEOUT_S = 1800.0
# Its environments take in what pip is told to, and run that with this Python.
PYTHON = """\
#!{python} -I
import os, pathlib, runpy, shutil, sys
assert sys.argv[1] == "-I" or sys.argv[1] == "-m", sys.argv
option, module, *words = [word for word in sys.argv[1:] if word != "-I"]
home = pathlib.Path(sys.argv[0]).absolute().parent.parent
if option == "-c":
    sys.argv[:] = ["-c", *words]
    exec(module)
elif module == "venv":
    bin = pathlib.Path(words[-1]) / "bin"
    bin.mkdir(parents=True, exist_ok=True)
    shutil.copy(sys.argv[0], bin / "python")
elif module == "pip":
    (home / "pip.txt").write_text("\\n".join(words))
    if "nox" in words:
        (home / "bin" / "nox").write_text('#!/bin/sh\\necho "nox: $*"\\n')
        (home / "bin" / "nox").chmod(0o755)
else:
    with open(os.environ["KEPT"] + "/environments", "a") as file:
        print(words[0], dict(os.environ), file=file)
    installed = (home / "pip.txt").read_text().rpartition("\\n")[2].partition("[")[0]
    sys.path.insert(0, installed)
    sys.argv[:] = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
# This engine loses what a step that fails wrote last, so the shell of such a step waits until the engine has read it.
_SHELL = """\
#!/bin/bash
[[ -z ${ENGINE_READS:-} ]] || exec /bin/bash "$@"
ENGINE_READS=1 /bin/bash "$@"
code=$?
if [[ $code != 0 ]]; then
  echo "end of step $$"
  until grep -q "end of step $$" "$ENGINE_LOG"; do sleep 0.01; done
fi
exit $code
"""
# What an action of others leaves here is a line in a file: its name and what it was given.
_STAND_IN = """\
name: {name}
description: stands in
inputs: {inputs}
outputs: {outputs}
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        printf '%s %s\\n' {name} "$(tr -d '\\n' <<<"$GIVEN")" >>"$KEPT/used"
        if [[ {name} == upload-artifact ]]; then cp -r "$FOLDER" "$KEPT/artifact"; fi
      env:
        GIVEN: ${{{{ toJSON(inputs) }}}}
        FOLDER: ${{{{ inputs.path }}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What the engine says of a run."""

    code: int
    entries: tuple[dict[str, Any], ...]
    used: tuple[tuple[str, dict[str, str]], ...]
    """The actions of others, in order, and what they were given."""
    artifact: Path
    environments: tuple[tuple[str, str], ...]
    """The commands of seqbench, in order, and the environment of each."""

    @property
    def log(self) -> str:
        """Return what the steps wrote, and the engine about them."""
        return "\n".join(str(entry.get("msg", "")).rstrip("\n") for entry in self.entries)

    @property
    def told(self) -> list[Told]:
        """Return the workflow commands that the engine took out of the log, as GitHub reads them.

        This engine takes the last :: of a line for the end of the title, GitHub the first one.
        """
        taken = (entry["raw"] for entry in self.entries if entry.get("command") in ("error", "warning", "notice"))
        return [each for raw in taken for each in commands_in(raw.strip())]

    @property
    def summary(self) -> str:
        return "".join(entry["content"] for entry in self.entries if entry.get("command") == "summary")

    @property
    def outputs(self) -> dict[str, str]:
        """Return the outputs of all steps, of which those of the last one with a name count."""
        return {entry["name"]: entry["arg"] for entry in self.entries if entry.get("command") == "set-output"}

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.used]

    def given(self, name: str) -> dict[str, str]:
        """Return what an action of others was given."""
        return next(given for each, given in self.used if each == name)


def workflow(inputs: Mapping[str, str], *, uses: str = OURS) -> str:
    """Return a workflow of one job that uses the action."""
    steps = [{"uses": f"actions/checkout@{'0' * 40}"}, {"id": "seqbench", "uses": uses, "with": dict(inputs)}]
    job = {"runs-on": "ubuntu-latest", "steps": steps}
    return yaml.safe_dump({"name": "Benchmarks", "on": ["push", "pull_request"], "jobs": {"bench": job}})


def act(
    world: World,
    file: str,
    forge: str,
    *,
    event: str = "push",
    payload: Mapping[str, Any] = EVENT,
    cache_hit: str = "",
    environment: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Ran:
    """Run a workflow of the project, as if it were the repository owner/project on this forge."""
    kept, engine = world.root / "kept", world.root / "engine"
    for folder in (kept, engine):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    (engine / "event.json").write_text(json.dumps(payload))
    _commit(world)
    world.tool("bash", _SHELL)
    log = engine / "log"
    variables = FORGES[forge] | {"GITHUB_REPOSITORY": "owner/project", "KEPT": str(kept), "ENGINE_LOG": str(log)}
    variables |= environment or {}
    local = {**_stand_ins(world, engine, cache_hit), OURS.replace(f"/{ACTION}", ""): str(cloned_by_the_runner(world))}
    local[f"OWNER/seqbench@{'0' * 40}"] = local["owner/seqbench@main"]
    command = (
        *(_engine(), event, "--json", "--no-cache-server", "--pull=false", "-W", file),
        *("-P", "ubuntu-latest=-self-hosted", "-P", "navicore-rust=-self-hosted"),
        *("-e", str(engine / "event.json"), "--action-cache-path", str(engine / "cache")),
        *(word for name, folder in local.items() for word in ("--local-repository", f"{name}={folder}")),
        *(word for name, text in variables.items() for word in ("--env", f"{name}={text}")),
        *(word for name in secrets or {} for word in ("-s", name)),
    )
    with log.open("w") as file_of_log:
        done = subprocess.run(
            command,
            cwd=world.project,
            env={**world.environment, "PYTHONDONTWRITEBYTECODE": "1", **(secrets or {})},
            stdin=subprocess.DEVNULL,
            stdout=file_of_log,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=_TIMEOUT_S,
        )
    lines = [line for line in log.read_text().splitlines() if line]
    entries = [json.loads(line) if line.startswith("{") else {"msg": line} for line in lines]
    used, environments = (
        (kept / name).read_text().splitlines() if (kept / name).exists() else [] for name in ("used", "environments")
    )
    return Ran(
        code=done.returncode,
        entries=tuple(entries),
        used=tuple((name, json.loads(given)) for name, _, given in (line.partition(" ") for line in used)),
        artifact=kept / "artifact",
        environments=tuple((name, text) for name, _, text in (line.partition(" ") for line in environments)),
    )


def cloned_by_the_runner(world: World) -> Path:
    """Put a clone of this repository where it is for `uses: owner/seqbench/.github/actions/seqbench@main`."""
    clone = world.root / "clone"
    if not clone.exists():
        copy_of_ours(clone)
    return clone


def copy_of_ours(folder: Path) -> None:
    """Copy what the action and the workflows need of this repository."""
    shutil.copytree(REPOSITORY / ".github", folder / ".github", dirs_exist_ok=True)
    if not (folder / "seqbench").exists():
        (folder / "seqbench").symlink_to(REPOSITORY / "seqbench")
    file = folder / "pyproject.toml"
    own = file.read_text() if file.exists() else ""
    file.write_text(f'[project]\nname = "seqbench"\nrequires-python = ">=3.11"\n{own}')


def put_python(world: World, name: str = "python3") -> None:
    """Put the Python of the runner into the folder that comes first on PATH."""
    world.tool(name, PYTHON.format(python=sys.executable))


def put_old_pythons(world: World) -> None:
    """Let every Python on the runner be too old."""
    for name in ("python3", *(f"python3.{minor}" for minor in range(11, 15))):
        world.tool(name, '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1\n')


def _engine() -> str:
    found = shutil.which("act", path=sysconfig.get_path("scripts"))
    assert found, "act is not installed; fix: pip install --group tests"
    return found


def _commit(world: World) -> None:
    """Make a repository of the project, which the engine asks for its commit."""
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "--allow-empty", "-m", "all")):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(("git", *who, *words), cwd=world.project, env=dict(os.environ), check=True)


def _stand_ins(world: World, folder: Path, cache_hit: str) -> dict[str, str]:
    """Write the actions that stand in, and return the folder of each by its name and commit."""
    put = {
        "setup-python": ({"python-path": str(world.tools / "set-up-python")}, ["python-version", "update-environment"]),
        "cache/restore": ({"cache-hit": cache_hit}, ["path", "key"]),
        "cache/save": ({}, ["path", "key"]),
        "cache": ({"cache-hit": cache_hit}, ["path", "key"]),
        "upload-artifact": ({}, ["name", "path", "if-no-files-found"]),
    }
    for name, (outputs, inputs) in put.items():
        place = folder / "actions" / name
        place.mkdir(parents=True, exist_ok=True)
        text = _STAND_IN.format(
            name=name,
            inputs=json.dumps({each: {"description": "x", "default": ""} for each in inputs}),
            outputs=json.dumps({key: {"description": "x", "value": text} for key, text in outputs.items()}),
        )
        (place / "action.yml").write_text(text)
    files = [path.read_text() for top in (".github", ".forgejo") for path in (REPOSITORY / top).rglob("*.yml")]
    used = {each for text in files for each in re.findall(r"uses: (actions/[\w-]+)\S*@(\S+)", text)}
    return {f"{name}@{commit}": str(folder / name) for name, commit in used}
