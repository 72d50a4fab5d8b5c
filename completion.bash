# Completes the values of flags in bash, where Invoke itself would offer files or the names of tasks. In ~/.bashrc:
#   source <(invoke --print-completion-script bash)
#   source <(seqbench --print-completion-script bash)
#   source /path/to/the/clone/completion.bash
_seqbench_benchmarks=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/benchmarks

_complete_values_of_seqbench() {
    local word=${COMP_WORDS[COMP_CWORD]} before="" values folder
    case ${COMP_WORDS[COMP_CWORD - 1]} in
    --only) for folder in "$_seqbench_benchmarks"/*/; do values+=" $(basename -- "$folder")"; done ;;
    --runtime | --runtimes) values="seq go may tokio" ;;
    --size) values="full reduced quick" ;;
    --format) values="markdown json csv hyperfine pyperf benchfmt bencher gha" ;;
    *)
        # Invoke's own, from the script of this command.
        case ${COMP_WORDS[0]##*/} in
        seqbench) _complete_seqbench "$@" ;;
        *) _complete_invoke "$@" ;;
        esac
        return
        ;;
    esac
    # Behind a comma the next name begins.
    [[ $word == *,* ]] && before=${word%,*},
    COMPREPLY=($(compgen -P "$before" -W "$values" -- "${word##*,}"))
}
if declare -F _complete_invoke >/dev/null; then complete -F _complete_values_of_seqbench -o default invoke inv; fi
if declare -F _complete_seqbench >/dev/null; then complete -F _complete_values_of_seqbench -o default seqbench; fi
