#!/usr/bin/env bash
# Judges, and reports to the forge.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$GITHUB_ACTION_PATH/common.sh"
report=()
# shellcheck source=/dev/null
source "$options"

code=0
commands=$RUNNER_TEMP/seqbench-commands
: >"$commands"
# shellcheck disable=SC2153 # the action gives it
export SEQBENCH_RESULTS=$RESULTS SEQBENCH_FORGE_TOKEN=$TOKEN
verdict_of forge-report --commands "$commands" "${report[@]}" || code=$?
cat "$commands"
exit "$code"
