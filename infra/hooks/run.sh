#!/bin/sh
# Runs Python with the project, from wherever azd calls: `run.sh -m tools.before_provision`.
set -eu
cd "$(dirname "$0")/../.."
if [ -x .venv/bin/python ]; then
    exec .venv/bin/python "$@"
elif command -v uv >/dev/null; then
    exec uv run --quiet python "$@"
fi
echo "Dawnwatch is not set up here: run \`make setup\`, or install uv (https://docs.astral.sh/uv/)." >&2
exit 1
