# What the scripts beside this one share; they run on a bare Debian or Ubuntu, as root where packages are missing, and
# leave everything in build/ports/<name>. Arguments are pytest's: by default the whole default suite.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0")
scratch=$root/build/ports/$name
mkdir -p "$scratch"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

step() { printf '\n=== %s: %s\n' "$name" "$1"; }

# packages COMMAND PACKAGE...: install the packages if there is no such command; - is none
packages() {
    if [ "$1" != - ] && command -v "$1" >/dev/null; then return; fi
    local sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get update -q >/dev/null && $sudo apt-get install -qy --no-install-recommends "${@:2}" >/dev/null
}

# environment PYTHON: a fresh virtual environment, active
environment() {
    packages python3 python3 python3-venv
    "$1" -m venv --clear "$scratch/env" 2>/dev/null || { packages - python3-venv && "$1" -m venv --clear "$scratch/env"; }
    . "$scratch/env/bin/activate"
}

# build OPTION...: configure, build and install below $scratch/root; warnings and hints are printed
build() {
    rm -rf "$scratch/build" "$scratch/root"
    meson setup "$scratch/build" "$root" --buildtype=release "$@" >"$scratch/setup.log" || { cat "$scratch/setup.log"; exit 1; }
    ninja -C "$scratch/build" >"$scratch/build.log" || { tail -60 "$scratch/build.log"; exit 1; }
    grep -iE 'warning:' "$scratch/build.log" || true
    DESTDIR=$scratch/root meson install -C "$scratch/build" --no-rebuild --quiet
    PYTHONPATH=$(dirname "$(dirname "$(find "$scratch/root" -path '*/spatium/__init__.py')")")
    export PYTHONPATH
}

# suite ARGUMENT...: the tests, from a folder without sources
suite() {
    cd "$scratch"
    python -c 'import spatium; spatium.show_config(); print(spatium.__file__)'
    [ $# -gt 0 ] || set -- "$root/tests"
    python -m pytest -c "$root/pyproject.toml" --rootdir "$root" -q -p no:cacheprovider "$@"
}
