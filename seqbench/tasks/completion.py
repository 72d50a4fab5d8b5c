"""`completion`: print the completion script of a shell."""

from invoke.tasks import task

from seqbench.errors import require_known
from seqbench.project import Project
from seqbench.tasks.common import guarded

_SHELLS = ("bash", "zsh", "fish")
# Invoke's own function completes tasks and flags. Benchmarks are the `bench-NAME` tasks of the current folder.
_VALUES_IN_BASH = """
_complete_values_of_@BINARY@() {
    local word=${COMP_WORDS[COMP_CWORD]} before="" values
    case ${COMP_WORDS[COMP_CWORD - 1]} in
    --only) values=$(@BINARY@ --complete -- @BINARY@ | sed -n 's/^bench-//p') ;;
@CASES@
    *)
        _complete_@BINARY@ "$@"
        return
        ;;
    esac
    # A comma ends a name.
    [[ $word == *,* ]] && before=${word%,*},
    COMPREPLY=($(compgen -P "$before" -W "$values" -- "${word##*,}"))
}
complete -F _complete_values_of_@BINARY@ -o default @NAMES@
"""


@task(positional=["shell"], help={"shell": f"one of {', '.join(_SHELLS)}"})
@guarded
def completion(project: Project, shell: str) -> None:
    """Print the completion script of a shell.

    It completes tasks and flags, and in bash also the values of flags.
    """
    from invoke.completion.complete import print_completion_script

    require_known(shell, _SHELLS, "shell", "completion")
    names = ["invoke", "inv"] if project.command == "invoke" else ["seqbench"]
    print_completion_script(shell, names)
    if shell == "bash":
        print(_values_in_bash(names))


def _values_in_bash(names: list[str]) -> str:
    """Return the bash function that completes the values of flags; it must follow Invoke's own function."""
    from seqbench.publish.export.formats import FORMATS
    from seqbench.suite.names import runtime_names
    from seqbench.suite.size_request import SizeName

    values = {
        "--runtime | --runtimes": list(runtime_names()),
        "--size": [size.value for size in SizeName],
        "--format": [each.name for each in FORMATS],
    }
    cases = "\n".join(f'    {flags}) values="{" ".join(words)}" ;;' for flags, words in values.items())
    script = _VALUES_IN_BASH.replace("@BINARY@", names[0]).replace("@CASES@", cases)
    return script.replace("@NAMES@", " ".join(names))
