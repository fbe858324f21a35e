#!/bin/sh
# Makes .venv and installs one lock and this package into it: `sh scripts/install.sh course`, `... test` or `... bench`.
# Needs nothing but a Python. uv does the work because it takes seconds where pip takes minutes; where there is no uv,
# pip does it. Both refuse a file whose hash is not in the lock, and install what the lock holds and no more.
set -eu
lock=$1
venv=.venv/bin/python

say() { printf '\033[1m-- %s\033[0m\n' "$1"; }
stop() { printf '%s\n' "$1" >&2; exit 1; }
fits() { "$1" -c "import sys; sys.exit(not ($2))" 2>/dev/null; }

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        fits "$PYTHON" 'sys.version_info >= (3, 11)' ||
            stop "PYTHON=$PYTHON is not a Python 3.11 or newer: name one that is, such as: make $lock PYTHON=python3.12"
        printf '%s' "$PYTHON"
        return
    fi
    # The versions the locks are tested with come first, then whatever newer one there is.
    for range in '(3, 11) <= sys.version_info < (3, 14)' 'sys.version_info >= (3, 14)'; do
        for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
            if fits "$name" "$range"; then
                printf '%s' "$name"
                return
            fi
        done
    done
    found=$(python3 --version 2>/dev/null || printf 'none')
    stop "This needs Python 3.11 or newer and found $found: install one, or name it: make $lock PYTHON=python3.12"
}

make_venv() {
    python=$(choose_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "$python cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt install python3-venv), then run make $lock again."
    say "making .venv with $("$python" --version)"
    "$python" -m venv "$@" .venv
}

if ! fits "$venv" 'sys.version_info >= (3, 11)'; then
    make_venv --clear
elif ! "$venv" -c 'import pip' 2>/dev/null; then
    make_venv
fi

say "installing the packages of locks/$lock.txt"
uv_version=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' locks/installer.txt)
if "$venv" -c "import importlib.metadata as m, sys; sys.exit(m.version('uv') != '$uv_version')" 2>/dev/null ||
    "$venv" -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r locks/installer.txt; then
    install="$venv -m uv pip install --python $venv"
    # Where Python may not keep its bytecode, every process would compile NumPy anew: do it once, here.
    $install --no-deps --require-hashes ${PYTHONDONTWRITEBYTECODE:+--compile-bytecode} -r "locks/$lock.txt" || install=''
else
    install=''
fi
if [ -z "$install" ]; then
    say "uv did not work here, for the reason above; pip takes over, which may take some minutes"
    install="$venv -m pip install --disable-pip-version-check"
    $install --no-deps --require-hashes -r "locks/$lock.txt" ||
        stop "The packages could not be installed, for the reason above: check the network, then run make $lock again."
fi

say "installing minitf and grader from this folder"
$install --quiet --no-deps --no-build-isolation --editable .

# Each lock holds the smaller ones with the same pins.
case $lock in
    test) touch .venv/installed-course ;;
    bench) touch .venv/installed-course .venv/installed-test ;;
esac
touch ".venv/installed-$lock"
