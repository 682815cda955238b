#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a checkout to a running guest: installs what is missing, builds, makes the demo machine,
# boots it, runs a command in it and stops it. A second run is quick.
set -eu
cd "$(dirname "$0")/.."
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME
scratch=$(mktemp -d)
attached=
trap '[ -z "$attached" ] || kill "$attached" 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

step() { printf '\n== %s\n' "$*"; }

# until_true SECONDS COMMAND...
until_true() {
    end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep 0.1
    done
}

has_ready() { "$utmctl" logs --source serial demo 2>/dev/null | tr -d '\r' | grep -qx READY; }
has_end() { tr -d '\r' <"$scratch/out" | grep -qx END; }

# Types a line into the console and prints what it answers.
in_guest() {
    printf 'echo; echo "BEG""IN"; %s; echo "EN""D"\n' "$1" |
        "$utmctl" attach demo >"$scratch/out" 2>/dev/null &
    attached=$!
    until_true 30 has_end || {
        echo "quickstart: the guest's console does not answer" >&2
        exit 1
    }
    kill "$attached" 2>/dev/null || true
    wait "$attached" 2>/dev/null || true
    attached=
    tr -d '\r' <"$scratch/out" | sed -n '/^BEGIN$/,/^END$/p' | sed '1d;$d'
}

started=$(date +%s)
step "Packages"
scripts/packages.sh --install build run demo
echo "all there"

step "Build"
if [ ! -f build/release/build.ninja ]; then
    cmake --preset release >"$scratch/log" 2>&1 || { tail -n 40 "$scratch/log" >&2 && exit 1; }
fi
cmake --build --preset release --target utmctl >"$scratch/log" 2>&1 ||
    { tail -n 40 "$scratch/log" >&2 && exit 1; }
utmctl=$PWD/build/release/cmd/utmctl
"$utmctl" version

step "The demo machine"
if "$utmctl" status demo >/dev/null 2>&1; then
    echo "\"demo\" is in your library already"
else
    "$utmctl" create --template demo demo
fi

step "Start"
# A machine that somebody is using is left running at the end.
was=$("$utmctl" status demo)
[ "$was" = started ] || "$utmctl" start demo
until_true 180 has_ready || {
    echo "quickstart: the guest did not get ready; its console says:" >&2
    "$utmctl" logs --source serial --lines 20 demo >&2
    exit 1
}
"$utmctl" logs --source serial demo | tr -d "\r" | grep -Eo "boot [0-9]+$|^READY$" | tail -n 2

step "A command inside the guest, over its serial console"
# shellcheck disable=SC2016 # it is the guest's shell that expands this
command='uname -srm; ip -4 -o addr show eth0; uptime; echo "boots so far: $(cat /data/boots)"'
echo "\$ $command"
in_guest "$command"

if [ "$was" != started ]; then
    step "Stop, by the power button"
    "$utmctl" stop --request demo
    "$utmctl" status demo
fi

cat <<END

== Done, in $(($(date +%s) - started)) s
It installed the missing packages, built utmctl, made a real machine from Debian packages
("demo", a UTM bundle in your library), booted it, ran a command in it and stopped it.

What to try next:

    PATH=$PWD/build/release/cmd:\$PATH
    utmctl start --attach demo        a shell in the guest; Ctrl-] leaves it
    utmctl suspend -s demo            saved to disk; the next start goes on from there
    utmctl clone demo --name other
    utmctl argv --explain demo        what QEMU is started with, and why
    utmctl delete demo
    utmctl help
END
