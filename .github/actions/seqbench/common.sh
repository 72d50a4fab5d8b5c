# shellcheck shell=bash disable=SC2034
# What the steps of the action share.

# The runner's own variables and the token are for the last step alone: what is measured is not trusted.
unset "${!INPUT_@}" GITHUB_TOKEN FORGEJO_TOKEN GITEA_TOKEN ACTIONS_RUNTIME_TOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN

# The action lies three folders down in the clone of seqbench, be it the caller's checkout or the runner's own.
clone=$(cd "$GITHUB_ACTION_PATH/../../.." && pwd -P)
venv=$RUNNER_TEMP/seqbench-venv
# The flags of the commands, as prepare.sh writes them for the other steps.
options=$RUNNER_TEMP/seqbench-options
log=$RUNNER_TEMP/seqbench-log

# annotate TEXT: shows an error beside the commit, whatever is in the text.
annotate() {
  local text=${1//%/%25}
  text=${text//$'\r'/%0D}
  echo "::error title=seqbench::${text//$'\n'/%0A}"
}

# seqbench WORD...: runs a command. Compilers and programs write into the log too, so the runner takes no commands from it.
# A runner that is cancelled signals this shell alone, which hands that on.
seqbench() {
  local token child reader code=0
  token=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$token"
  rm -f "$log.pipe"
  mkfifo "$log.pipe"
  tee "$log" <"$log.pipe" &
  reader=$!
  # -I: a folder named seqbench in the checkout, or the caller's PYTHONPATH, would come first.
  "$venv/bin/python" -I -m seqbench "$@" >"$log.pipe" 2>&1 &
  child=$!
  trap 'kill -TERM "$child"' INT TERM
  wait "$child" || code=$?
  # The signal ended only the waiting.
  while kill -0 "$child" 2>/dev/null; do
    code=0
    wait "$child" || code=$?
  done
  trap - INT TERM
  wait "$reader"
  echo "::$token::"
  return "$code"
}

# verdict_of WORD...: runs a command, and shows its error beside the commit. A verdict is no error: 1, 4 and 5.
verdict_of() {
  local code=0
  seqbench "$@" || code=$?
  case $code in
  0 | 1 | 4 | 5) ;;
  *) annotate "$(sed $'s/\e\\[[0-9;]*m//g' "$log" | tac | sed '/^error: /q' | tac)" ;;
  esac
  return "$code"
}

# measure WORD...: as verdict_of, but a verdict is for a later step to judge.
measure() {
  local code=0
  verdict_of "$@" || code=$?
  case $code in
  0 | 1 | 4 | 5) ;;
  *) exit "$code" ;;
  esac
}
