#!/usr/bin/env bash
# Finds a Python on the runner that is recent enough, and says which kind of forge this is.
set -euo pipefail

clone=$(cd "$GITHUB_ACTION_PATH/../../.." && pwd -P)
wanted=$(sed -n 's/^requires-python = ">=\(.*\)"$/\1/p' "$clone/pyproject.toml")
check='import ensurepip, sys, venv; sys.exit(sys.version_info[:2] < tuple(map(int, sys.argv[1].split("."))))'

# As upload-artifact decides: only these have artifacts of version 4. Nor does setup-python work elsewhere, which asks
# the API of GitHub with the token of another forge.
case ${FORGEJO_ACTIONS:-}${GITEA_ACTIONS:-},$GITHUB_SERVER_URL in
,https://github.com | ,https://*.ghe.com) forge=github ;;
*) forge=forgejo ;;
esac

found=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
  if path=$(command -v "$name") && "$path" -I -c "$check" "$wanted" 2>/dev/null; then
    found=$path
    break
  fi
done
if [[ -z $found && $forge != github ]]; then
  seen=$(python3 --version 2>/dev/null) || seen="no python3"
  echo "::error title=seqbench::found $seen on this runner, expected Python $wanted or later with venv%0Afix: install" \
    "python3 and python3-venv in the runner's image, or put a later python3 on PATH in a step before this one"
  exit 3
fi
printf '%s\n' "python=$found" "forge=$forge" >>"$GITHUB_OUTPUT"
