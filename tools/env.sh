#!/bin/sh
# Make or mend .venv so that it holds exactly what requirements.txt locks. Quick when nothing changed.
# Every failure ends in one line that says what to do; the next call starts from a state that works.
set -u
cd "$(dirname "$0")/.." || exit 1

LOCK=requirements.txt
STAMP=.venv/installed-lock.txt # what .venv was made from
LOG=build/env.log
NEEDED_MB=3500

fail() {
    echo "make env: $1" >&2
    exit 1
}

# Of a failed step's log, tell the reader what it means; else its last line.
explain() {
    if grep -qiE 'no space left|disk quota|not enough space' "$LOG"; then
        fail "the disk is full; the course needs about $NEEDED_MB MB. Free some space, then run it again."
    elif grep -qiE 'dns error|resolve|connect|network|timed out|unreachable|no matching distribution|retries' "$LOG"; then
        fail "the packages could not be fetched. Check the network (or proxy), then run it again. Details: $LOG"
    fi
    fail "$1 failed: $(grep -v '^[[:space:]]*$' "$LOG" | tail -n 1). Details: $LOG"
}

suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }

# Whether .venv can start a Python and find in it what everything else needs.
sound() {
    .venv/bin/python -c 'import sys
from importlib.util import find_spec
sys.exit(not all(map(find_spec, ("pip", "tensorflow", "keras", "jupyterlab", "pytest", "course_utils"))))' >/dev/null 2>&1
}

inputs() { cat "$LOCK" tools/settle.py; }

version() { "$1" -c 'import sys; print(sys.version_info[:2])' 2>/dev/null; }

if [ -n "${PYTHON:-}" ] && [ "$(version "$PYTHON")" != "$(version .venv/bin/python)" ]; then
    : # another Python is asked for
elif inputs | cmp -s - "$STAMP" && suits .venv/bin/python && sound; then
    exit 0
fi

# Which Python: the one named, else the first that suits.
if [ -n "${PYTHON:-}" ]; then
    suits "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 ($("$PYTHON" --version 2>&1 | tail -n 1)). Name one that is, for example: make env PYTHON=python3.12"
    python=$PYTHON
else
    python=
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        if suits "$candidate"; then
            python=$candidate
            break
        fi
    done
    [ -n "$python" ] || fail "no Python 3.11, 3.12 or 3.13 found (python3 is $(python3 --version 2>&1 | tail -n 1)). Install one, or name it: make env PYTHON=/path/to/python3.12"
fi

mkdir -p build && : >"$LOG" || fail "cannot write to $PWD/build; is the disk full or the folder read-only?"

# A .venv that no longer runs, or was whole once and is not now, cannot be mended in place: start anew.
if [ -e .venv ]; then
    if ! suits .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1 || { [ -e "$STAMP" ] && ! sound; }; then
        echo "Replacing a .venv that does not run ..."
        rm -rf .venv
    elif [ -n "${PYTHON:-}" ] && [ "$(version "$python")" != "$(version .venv/bin/python)" ]; then
        echo "Replacing .venv: another Python is asked for ..."
        rm -rf .venv
    fi
fi
rm -f "$STAMP"
if [ ! -e .venv ]; then
    free_mb=$(df -Pm . 2>/dev/null | awk 'NR == 2 {print $4}')
    if [ -n "$free_mb" ] && [ "$free_mb" -lt "$NEEDED_MB" ]; then
        fail "$free_mb MB free in $PWD, about $NEEDED_MB MB needed. Free some space, then run it again."
    fi
    echo "Making .venv with $("$python" --version) ..."
    if ! "$python" -m venv .venv >>"$LOG" 2>&1; then
        rm -rf .venv
        grep -q ensurepip "$LOG" && fail "this Python cannot make environments. On Debian or Ubuntu: sudo apt install python3-venv, then run it again."
        explain "making .venv"
    fi
fi

echo "Installing what $LOCK locks (about 2 GB; a few minutes the first time) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5,<1' >>"$LOG" 2>&1 || explain "installing uv"
sync() { .venv/bin/python -m uv pip sync --compile-bytecode --python .venv/bin/python "$LOCK"; }
# Compiled now, for otherwise the first start of each package is slow, or every start where nothing may be written.
# On a terminal uv shows its progress; where that fails, once more into the log, to explain it.
{ [ -t 2 ] && sync; } || sync >>"$LOG" 2>&1 || explain "installing the packages"
.venv/bin/python tools/settle.py 2>>"$LOG" || fail "could not write into .venv; delete it and run it again."
inputs >"$STAMP" || fail "could not write into .venv; is the disk full?"
echo "Ready: .venv holds $(grep -c '==' "$LOCK") locked packages."
