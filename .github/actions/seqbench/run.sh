#!/usr/bin/env bash
# Measures, compares, reports and judges. One stream, so that the log keeps its order: where commands to the runner
# are held back, none may slip by.
exec "$RUNNER_TEMP/seqbench-venv/bin/python" -I -m seqbench github 2>&1
