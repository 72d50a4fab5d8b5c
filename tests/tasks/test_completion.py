import functools
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seqbench.publish.export.formats import FORMATS
from seqbench.runtimes.registry import RUNTIMES
from seqbench.suite.manifest import benchmark_names
from tests.support.outcomes import assert_fails
from tests.support.world import REPOSITORY, World

_BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(_BASH is None, reason="there is no bash")


@functools.cache
def script(command: str, shell: str) -> str:
    words = (sys.executable, "-m", command, "completion", shell)
    return subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=True).stdout


def completed(*words: str) -> list[str]:
    """Return what bash offers for the last of these words, as README.md sets it up."""
    lines = [
        script(words[0], "bash"),
        f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}",
        # `complete` says which function it would call.
        f"function=$(complete -p {words[0]}); function=${{function#*-F }}; function=${{function%% *}}",
        f'"$function" {words[0]} {shlex.quote(words[-1])} {shlex.quote(words[-2])}',
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    said = subprocess.run(
        [str(_BASH), "-eu", "-c", "\n".join(lines)],
        cwd=REPOSITORY / "benchmarks",
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.split()


@pytest.mark.whole
@pytest.mark.parametrize("command", ["invoke", "seqbench"])
def test_tasks_and_flags_are_completed_in_bash(command: str) -> None:
    assert completed(command, "expo") == ["export"]
    assert completed(command, "export", "--fo") == ["--format"]


@pytest.mark.whole
@pytest.mark.parametrize(("shell", "call"), [("zsh", "${=collection_arg} --complete"), ("fish", "--complete")])
@pytest.mark.parametrize("command", ["invoke", "seqbench"])
def test_other_shells_have_the_script_of_invoke(command: str, shell: str, call: str) -> None:
    assert f"{command} {call} -- " in script(command, shell)


def test_unknown_shell_exits_with_2(world: World) -> None:
    assert_fails(world.task("completion", "tcsh"), 2, "completion: no shell named 'tcsh'", "bash, zsh, fish")


@pytest.mark.whole
def test_values_of_flags_are_completed_in_bash() -> None:
    benchmarks = list(benchmark_names(REPOSITORY / "benchmarks"))
    assert sorted(completed("invoke", "bench", "--only", "")) == benchmarks
    assert sorted(completed("seqbench", "bench", "--only", "")) == benchmarks
    assert completed("invoke", "export", "--format", "") == [each.name for each in FORMATS]
    assert completed("invoke", "bench", "--runtimes", "") == sorted(each.name for each in RUNTIMES)
    assert completed("invoke", "bench", "--size", "") == ["full", "reduced", "quick"]
    assert completed("invoke", "export", "--format", "be") == ["benchfmt", "bencher"]


@pytest.mark.whole
def test_the_next_name_of_a_list_is_completed() -> None:
    assert completed("invoke", "bench", "--only", "skynet,ping") == ["skynet,pingpong"]
    assert completed("invoke", "bench", "--runtimes", "seq,go,t") == ["seq,go,tokio"]


def test_script_has_the_values_of_flags(world: World) -> None:
    for said, command in ((world.task("completion", "bash"), "invoke"), (world.door("completion", "bash"), "seqbench")):
        assert said.code == 0, said.err
        assert f"complete -F _complete_values_of_{command} -o default {command}" in said.out
        assert '--size) values="full reduced quick" ;;' in said.out
        assert f'--format) values="{" ".join(each.name for each in FORMATS)}" ;;' in said.out
        assert "@" not in said.out.partition("_complete_values_of_")[2].replace('"$@"', "")
    assert "_complete_values_of_" not in world.task("completion", "zsh").out
