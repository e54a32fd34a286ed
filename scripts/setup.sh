#!/bin/sh
# Find a Python that fits and let it prepare .venv: sh scripts/setup.sh demo|dev
# Interpreters are tried by running them: a shim on PATH may exist and still fail.
set -eu
cd "$(dirname "$0")/.."

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" && exec "$PYTHON" scripts/setup.py "$1"
    echo "setup: PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 that runs." >&2
    exit 1
fi
fits .venv/bin/python && exec .venv/bin/python scripts/setup.py "$1"

first=
for name in python3.12 python3.11 python3.13 python3 python; do
    IFS=:
    for folder in $PATH; do
        candidate=$folder/$name
        if [ -x "$candidate" ] && fits "$candidate"; then
            first=${first:-$candidate}
            "$candidate" scripts/setup.py check 2>/dev/null && exec "$candidate" scripts/setup.py "$1"
        fi
    done
    unset IFS
done
# None has all that is needed: let the first one say what it lacks.
[ -n "$first" ] && exec "$first" scripts/setup.py "$1"
echo "setup: no Python 3.11, 3.12 or 3.13 found. On Debian and Ubuntu: apt-get install python3 python3-venv python3-dev gcc" >&2
exit 1
