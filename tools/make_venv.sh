#!/bin/sh
# Make the virtual environment in $1 with Python 3.13 or newer, and install the project with its tools into it.
set -eu
venv=$1
is_new='import sys; sys.exit(sys.version_info < (3, 13))'

if command -v uv >/dev/null; then
    uv venv --quiet --allow-existing --python '>=3.13' "$venv"
    uv pip install --quiet --python "$venv/bin/python" --editable '.[dev]'
    exit
fi
for python in python3 python3.13 python3.14; do
    if command -v $python >/dev/null && $python -c "$is_new" 2>/dev/null; then
        [ -x "$venv/bin/python" ] || $python -m venv "$venv"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
        exit
    fi
done
echo "Python 3.13 or newer is needed. Install it, or install uv (https://docs.astral.sh/uv/), which brings its own." >&2
exit 1
