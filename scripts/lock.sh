#!/bin/sh
# Pin every dependency with its hashes, for Python 3.11-3.13 at once, into requirements/.
# No address of any registry is written; pip uses whichever one it is set to.
set -eu
cd "$(dirname "$0")/.."

UV=.venv/bin/uv
[ -x $UV ] || .venv/bin/python -m pip install --quiet uv

pin() { # pin FILE ARGUMENT...
    out=requirements/$1
    shift
    $UV pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        --no-annotate --upgrade --output-file "$out" "$@"
    if grep -n '://' "$out"; then
        echo "lock: $out names an address; nothing of the kind may be committed." >&2
        exit 1
    fi
}

# dev first: the other two are parts of it and must have the same versions.
pin dev.txt pyproject.toml --extra examples --group dev
pin demo.txt pyproject.toml --extra examples --extra report --constraint requirements/dev.txt
pin build.txt --group build --constraint requirements/dev.txt
