# SPDX-License-Identifier: Apache-2.0
# Kills in the middle of changing what a running machine has: the bundle is valid and starts.
load lib

setup_file() {
    box_open
    machine victim
    utmctl config set victim Input.UsbBusSupport=3.0
    utmctl config add victim Drive ImageType=CD Interface=IDE Identifier=CD0
    truncate -s 1M "$BOX/medium.iso"
    mkdir "$BOX/folder"
}

teardown_file() { box_close; }

has_no_helper() { [ "$(utmctl status victim)" = stopped ]; }

# during WHO COMMAND...: end utmctl, the helper or QEMU with SIGKILL in the middle of a command.
during() {
    local who=$1 pid target
    shift
    utmctl start --accel tcg victim >/dev/null
    target=$(field victim pid)
    [ "$who" != helper ] || target=$(field victim helper_pid)
    "$UTMCTL" "$@" >/dev/null 2>&1 &
    pid=$!
    [ "$who" != utmctl ] || target=$pid
    sleep 0.0$((RANDOM % 6))
    kill -KILL "$target" 2>/dev/null || true
    wait "$pid" || true
    [ "$who" = utmctl ] || wait_until 10 has_no_helper
    utmctl stop --kill victim
    utmctl config validate victim
    utmctl start --accel tcg victim >/dev/null
    utmctl disk list victim --json | jq -e 'all(.problem == null)' >/dev/null
    utmctl stop --kill victim
}

each() {
    local who
    for who in utmctl helper qemu; do
        during "$who" "$@"
    done
}

@test "while a disk is added" { each disk add victim --size 1M; }

@test "while a disk is removed" {
    local who
    for who in utmctl helper qemu; do
        utmctl disk add victim --size 1M --interface usb >/dev/null
        during "$who" disk remove victim \
            "$(utmctl disk list victim --json | jq -r '.[-1].identifier')"
    done
}

@test "while a disk is resized" { each disk resize victim disk.qcow2 +1M; }

@test "while a medium is changed" { each mount victim cd "$BOX/medium.iso" --force; }

@test "while a folder is shared" {
    each share add victim "$BOX/folder"
    utmctl share remove victim share || true
}
