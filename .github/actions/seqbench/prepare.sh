#!/usr/bin/env bash
# Puts seqbench into an environment of its own, checks the inputs, and says what of the cache is wanted.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$GITHUB_ACTION_PATH/common.sh"

"$PYTHON" -I -m venv "$venv"
"$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --editable "${clone}[toolchain]"

# option COMMAND FLAG TEXT: gives a command a flag, unless the text is empty. White space around it does not count.
option() {
  local -n flags=$1
  local text=$3
  text=${text#"${text%%[![:space:]]*}"}
  text=${text%"${text##*[![:space:]]}"}
  [[ -z $text ]] || flags+=("--$2=$text")
}

prepare=() bench=() gate=() calibrate=() limits=() report=()
for command in prepare bench; do
  option "$command" seqc "$SPEC"
  option "$command" only "$ONLY"
  option "$command" size "$SIZE"
  option "$command" budget "$BUDGET"
done
option prepare compare-to "$COMPARE_TO"
option prepare compare-budget "$COMPARE_BUDGET"
# shellcheck disable=SC2153 # the action gives it
option prepare calibrate "$CALIBRATE"
option prepare fail-on "$FAIL_ON"
verdict_of forge-prepare "${prepare[@]}"

option gate base "$COMPARE_TO"
if [[ ${#gate[@]} -gt 0 ]]; then
  option gate head "$SPEC"
  option gate only "$ONLY"
  option gate size "$SIZE"
  option gate budget "$COMPARE_BUDGET"
fi
option calibrate budget "$CALIBRATE"
if [[ ${#calibrate[@]} -gt 0 ]]; then
  option calibrate seqc "$SPEC"
  option calibrate only "$ONLY"
  option calibrate size "$SIZE"
fi
option report compare-to "$COMPARE_TO"
option report fail-on "$FAIL_ON"
option report name "$ARTIFACT"
case ${RAISE_LIMITS//[[:space:]]/} in
true) limits=(--fix) ;;
false | "") limits=() ;;
*)
  annotate "raise-limits: '$RAISE_LIMITS' is not valid, expected true or false"$'\nfix: set raise-limits: true, or remove it'
  exit 2
  ;;
esac
declare -p bench gate calibrate report limits >"$options"
