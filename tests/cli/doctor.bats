#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# utmctl doctor

load helper

# Only these programs are there, whatever this host has.
setup() {
    setup_home
    mkdir "$HOME_DIR/bin"
    for program in qemu-system-x86_64 qemu-img; do
        ln -s "$(command -v $program || skip "there is no $program")" "$HOME_DIR/bin/"
    done
}

doctor() {
    run3 env PATH="$HOME_DIR/bin" UTMCTL_QEMU_DIR="$HOME_DIR/qemu" "$UTMCTL" doctor "$@"
}

teardown() {
    teardown_home
}

@test "doctor: says of each thing whether it works" {
    doctor
    assert_ok
    [[ $out == *"qemu-img: /"* ]] || fail_with "expected qemu-img"
    [[ $out == *"library: $UTMCTL_LIBRARY (0 machines)"* ]] || fail_with "expected the library"
    [ -z "$err" ] || fail_with "expected nothing on standard error"
    ! grep -vE '^(ok  |warn|fail|    )  ' "$HOME_DIR/out" ||
        fail_with "expected a status first"
}

@test "doctor: the same as one JSON document" {
    doctor --json
    assert_ok
    python3 - "$out" <<'PY' || fail_with "expected checks"
import json, sys
answer = json.loads(sys.argv[1])
assert answer["ok"] is True
for check in answer["checks"]:
    assert check["status"] in ("ok", "warn", "fail") and check["message"]
assert {"kvm", "landlock", "runtime-dir", "library"} <= {c["check"] for c in answer["checks"]}
PY
}

@test "doctor: without QEMU the host does not work, and the package is named" {
    run3 env PATH=/nonexistent "$UTMCTL" doctor
    [ "$status" -eq 7 ] || fail_with "expected status 7"
    [[ $out == *"fail  qemu: no emulator is installed"*"apt install qemu-system-"* ]] ||
        fail_with "expected the package"
    [[ $out == *"fail  qemu-img: not installed"*"apt install qemu-utils"* ]] ||
        fail_with "expected qemu-img"
}

@test "doctor: a QEMU that dies is a warning with its own words" {
    mkdir "$HOME_DIR/qemu"
    printf '#!/bin/sh\necho "qemu-system-ppc: no moon today" >&2\nexit 1\n' \
        >"$HOME_DIR/qemu/qemu-system-ppc"
    chmod +x "$HOME_DIR/qemu/qemu-system-ppc"
    doctor
    assert_ok
    [[ $out == *"warn  qemu-system-ppc: "*"no moon today"* ]] || fail_with "expected QEMU's words"
}

@test "doctor: what one machine needs" {
    make_bundle "$UTMCTL_LIBRARY/web.utm" web "$UUID_WEB"
    doctor web
    [[ $out == *"ok    qemu-system-"* ]] || fail_with "expected the emulator"
    [[ $out == *"ok    accelerator: "* ]] || fail_with "expected the accelerator"
    [[ $out == *"ok    Drive[0]: disk.img"* ]] || fail_with "expected the drive"
    assert_ok
    rm "$UTMCTL_LIBRARY/web.utm/Data/disk.img"
    doctor web
    [[ $out == *"fail  Drive[0]: "*"No such file"* ]] || fail_with "expected the drive"
    [ "$status" -eq 7 ] || fail_with "expected status 7"
}

@test "doctor: bad input" {
    assert_error 4 not-found 'no virtual machine "nope"' doctor nope
    assert_error 2 usage "" doctor --nonsense
    mkdir -p "$UTMCTL_LIBRARY/bad.utm"
    echo '<plist version="1.0"><dict>' >"$UTMCTL_LIBRARY/bad.utm/config.plist"
    assert_error 9 invalid bad doctor "$UTMCTL_LIBRARY/bad.utm"
}

@test "doctor: a QEMU that is being asked ends with it" {
    mkdir "$HOME_DIR/qemu"
    printf '#!/bin/sh\necho $$ >%s/pid.new\nmv %s/pid.new %s/pid\nexec sleep 1000\n' \
        "$HOME_DIR" "$HOME_DIR" "$HOME_DIR" >"$HOME_DIR/qemu/qemu-system-ppc"
    chmod +x "$HOME_DIR/qemu/qemu-system-ppc"
    PATH="$HOME_DIR/bin:$PATH" UTMCTL_QEMU_DIR="$HOME_DIR/qemu" \
        "$UTMCTL" doctor >/dev/null 2>&1 3>&- &
    local doctor=$!
    wait_until test -e "$HOME_DIR/pid"
    kill -9 "$doctor"
    wait "$doctor" || true
    wait_until gone "$(cat "$HOME_DIR/pid")"
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}
