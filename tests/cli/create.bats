#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# utmctl create and argv: what they print, what they make, what they refuse.

load helper.bash

setup() {
    setup_home
    # No QEMU: what is made must not depend on what is installed here.
    mkdir "$HOME_DIR/bin"
    printf '#!/bin/sh\nPATH=%s exec "%s" "$@"\n' "$HOME_DIR/bin" "$UTMCTL" >"$HOME_DIR/bare"
    chmod +x "$HOME_DIR/bare"
    BARE=$HOME_DIR/bare
}
teardown() { teardown_home; }

create() { run3 "$BARE" create "$@"; }

need_qemu() { command -v qemu-system-x86_64 >/dev/null || skip "qemu-system-x86_64 is not installed"; }

@test "create makes a machine that list shows" {
    create web
    assert_ok
    [ -z "$out" ]
    [[ $err == *'created "web" in '* ]]
    [ -f "$UTMCTL_LIBRARY/web.utm/config.plist" ]
    [ "$(ls -A "$UTMCTL_LIBRARY")" = web.utm ]
    run3 "$UTMCTL" list
    [[ $out == *web ]]
}

@test "create --json names what was made" {
    create web --json
    assert_ok
    python3 - "$out" "$UTMCTL_LIBRARY" <<'PY'
import json, sys
made = json.loads(sys.argv[1])
assert set(made) == {"uuid", "name", "path"}, made
assert made["name"] == "web" and made["path"] == sys.argv[2] + "/web.utm"
PY
}

@test "create --dry-run prints the configuration and writes nothing" {
    create web --dry-run --arch aarch64 --disk 1G --memory 2G
    assert_ok
    printf '%s' "$out" >"$HOME_DIR/config.plist"
    python3 - "$HOME_DIR/config.plist" <<'PY'
import plistlib, sys
config = plistlib.load(open(sys.argv[1], "rb"))
assert config["System"]["Architecture"] == "aarch64" and config["System"]["MemorySize"] == 2048
assert config["Drive"][0]["Interface"] == "VirtIO"
PY
    [ -z "$(ls -A "$UTMCTL_LIBRARY")" ]
    create web --dry-run --json
    assert_ok
    python3 -c 'import json, sys; assert json.loads(sys.argv[1])["system"]["target"] == "q35"' "$out"
}

@test "create puts a machine where it is told" {
    create web -o "$HOME_DIR/elsewhere.utm"
    assert_ok
    [ -f "$HOME_DIR/elsewhere.utm/config.plist" ]
    [ -z "$(ls -A "$UTMCTL_LIBRARY")" ]
}

@test "create refuses bad words and leaves nothing" {
    UTMCTL=$BARE
    assert_error 2 usage "contains a slash" create a/b
    assert_error 2 usage "control character" create $'a\nb'
    assert_error 2 usage 'architecture "cris"' create x --arch cris
    assert_error 2 usage 'neither a size' create x --disk much
    assert_error 2 usage 'network mode' create x --network wifi
    assert_error 2 usage 'HOSTPORT:GUESTPORT' create x --forward ssh
    assert_error 2 usage 'serial port' create x --serial usb
    assert_error 2 usage 'exclude each other' create x --uefi --no-uefi
    assert_error 2 usage 'need --kernel' create x --append quiet
    assert_error 2 usage 'does not end in' create x -o "$HOME_DIR/x"
    assert_error 4 not-found 'no template "nothing"' create x --template nothing
    assert_error 4 not-found '/nowhere.iso' create x --cdrom /nowhere.iso
    assert_error 4 not-found '/nowhere.img' create x --disk /nowhere.img
    assert_error 4 not-found '/nowhere' create x --share /nowhere
    [ -z "$(ls -A "$UTMCTL_LIBRARY")" ]
}

@test "create refuses a name that is taken" {
    create web
    assert_ok
    UTMCTL=$BARE assert_error 5 wrong-state '"web" already' create web
}

@test "create tells the template's program where the cache is, whatever the environment lacks" {
    mkdir -p "$HOME_DIR/templates/cached.utm" "$HOME_DIR/templates/cached"
    create cached --dry-run --disk none
    assert_ok
    printf '%s' "$out" >"$HOME_DIR/templates/cached.utm/config.plist"
    printf '#!/bin/sh -u\necho "$XDG_CACHE_HOME" >"$2/said"\n' >"$HOME_DIR/templates/cached/assemble"
    chmod +x "$HOME_DIR/templates/cached/assemble"
    run3 env -u HOME -u XDG_CACHE_HOME UTMCTL_TEMPLATES="$HOME_DIR/templates" "$BARE" create web \
        --template cached
    assert_ok
    [[ $(cat "$UTMCTL_LIBRARY/web.utm/Data/said") == /*/.cache ]] || fail_with "expected a folder"
}

@test "create removes what it made when it is interrupted" {
    mkdir -p "$HOME_DIR/templates/slow.utm" "$HOME_DIR/templates/slow"
    create slow --dry-run --disk none
    assert_ok
    printf '%s' "$out" >"$HOME_DIR/templates/slow.utm/config.plist"
    printf '#!/bin/sh\n: >"%s/begun"\nread -r never <"%s/never"\n' "$HOME_DIR" "$HOME_DIR" \
        >"$HOME_DIR/templates/slow/assemble"
    chmod +x "$HOME_DIR/templates/slow/assemble"
    mkfifo "$HOME_DIR/never"
    UTMCTL_TEMPLATES=$HOME_DIR/templates "$BARE" create web --template slow 2>"$HOME_DIR/err" &
    local pid=$!
    until [ -e "$HOME_DIR/begun" ]; do kill -0 $pid; sleep 0.05; done
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 143 ]
    [ -z "$(ls -A "$UTMCTL_LIBRARY")" ]
}

@test "argv prints one option on each line" {
    need_qemu
    create web --cdrom empty --disk none --no-uefi
    assert_ok
    run3 "$UTMCTL" argv web
    assert_ok
    [[ $out == *$'\n-machine q35,'* ]]
    [[ $out == *$'\n-netdev user,id=net0\n'* ]]
    run3 "$UTMCTL" argv web --explain
    assert_ok
    [[ $out == *"# System.Target: "* ]]
}

@test "argv --json is an array, --explain --json says why" {
    need_qemu
    create web --disk none --no-uefi
    run3 "$UTMCTL" argv web --json
    assert_ok
    python3 -c 'import json, sys; a = json.loads(sys.argv[1]); assert "-S" in a' "$out"
    run3 "$UTMCTL" argv web --json --explain
    assert_ok
    python3 - "$out" <<'PY'
import json, sys
for item in json.loads(sys.argv[1]):
    assert set(item) == {"args", "key", "rule"} and item["args"] and item["rule"]
PY
}

@test "argv --host macos needs no QEMU here" {
    create web --arch m68k --machine q800 --disk none
    assert_ok
    run3 "$BARE" argv web --host macos
    assert_ok
    [[ $out == *"-device nubus-virtio-mmio,romfile="* ]]
}

@test "argv names the package of a QEMU that is not there, and refuses what cannot be" {
    create web --disk none
    assert_ok
    UTMCTL=$BARE assert_error 7 unsupported "qemu-system-x86_64" argv web
    need_qemu
    assert_error 2 usage "--host" argv web --host windows
    assert_error 4 not-found "nothing" argv nothing
}
