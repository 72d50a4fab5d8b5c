#!/usr/bin/env bash
# Measures, by the commands that everyone has. The next step judges the files that they write.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$GITHUB_ACTION_PATH/common.sh"
bench=() gate=() calibrate=() limits=()
# shellcheck source=/dev/null
source "$options"

SEQBENCH_RESULTS=$(mktemp -d "$RUNNER_TEMP/seqbench-results-XXXXXX")
export SEQBENCH_RESULTS
# Before measuring, so that the files written so far are uploaded even if the step fails.
echo "folder=$SEQBENCH_RESULTS" >>"$GITHUB_OUTPUT"

# What doctor finds missing beside, the commands say themselves.
[[ ${#limits[@]} -eq 0 ]] || seqbench doctor "${limits[@]}" || true
# First, because it asks for both compilers.
[[ ${#gate[@]} -eq 0 ]] || measure gate "${gate[@]}"
measure bench --no-record "${bench[@]}"
# Nothing judges a calibration, so what it says ends the step, when all else is there.
code=0
[[ ${#calibrate[@]} -eq 0 ]] || verdict_of calibrate "${calibrate[@]}" || code=$?
echo "measured=true" >>"$GITHUB_OUTPUT"
verdict_of report
exit "$code"
