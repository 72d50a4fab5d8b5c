#!/usr/bin/env bash
# Puts seqbench into an environment of its own, checks the inputs, and says what of the cache is wanted.
set -euo pipefail

# The action lies three folders down in the clone of seqbench, be it the caller's checkout or the runner's own.
clone=$(cd "$GITHUB_ACTION_PATH/../../.." && pwd -P)
venv=$RUNNER_TEMP/seqbench-venv
"$PYTHON" -I -m venv "$venv"
"$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check --editable "${clone}[toolchain]"

# -I: a folder named seqbench in the checkout, or the caller's PYTHONPATH, would come first.
exec "$venv/bin/python" -I -m seqbench github --prepare 2>&1
