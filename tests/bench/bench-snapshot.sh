#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures snapshots of a running machine against the bare QMP jobs and against virsh, in one run.
#
#   bench-snapshot.sh [BUILD]    BUILD is a folder with a release build; by default build/release
#
# Times are medians of BENCH_RUNS in milliseconds. The bare job is sent to the same machine, through
# its monitor: stop, the job, cont; so both save the same memory into the same image. libvirt runs a
# machine with the same memory and no guest either; it is left out where it is not installed. Exit
# status 1 when a target is missed, which on a busy host says little: every step waits for its turn.
set -euo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source/build/release}
runs=${BENCH_RUNS:-15}
missed=0

bats_require_minimum_version() { :; } # the library is that of the tests
# shellcheck source=tests/integration/lib.bash
. "$source/tests/integration/lib.bash"
UTMCTL=$build/cmd/utmctl
box_open
trap end EXIT
daemon=
# shellcheck disable=SC2317 # called by the trap
end() {
    [ -z "$daemon" ] || { as_user virsh -q -c qemu:///session destroy bench || true; } >/dev/null 2>&1
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    box_close
}

now_us() { echo "${EPOCHREALTIME/./}"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# timed COMMAND...: microseconds
timed() {
    local begin
    begin=$(now_us)
    "$@" >/dev/null 2>&1
    echo $(($(now_us) - begin))
}

# row WHAT OURS_US THEIRS_US MOST_US
row() {
    local ok=ok
    [ "$2" -le "$4" ] || ok=MISSED missed=1
    printf '%-34s %9.1f %9.1f  at most %9.1f  %s\n' "$1" "$(ms "$2")" "$(ms "$3")" "$(ms "$4")" $ok
}
ms() { awk -v us="$1" 'BEGIN { print us / 1000 }'; }

# A session of libvirt is the user's own, which root cannot have: root becomes nobody for it.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

# ---- the bare job ----

# job COMMAND TAG: microseconds of stop, the job until it is concluded, and cont
job() {
    python3 - "$XDG_RUNTIME_DIR/utmctl/$(uuid_of bench)/qmp" "$1" "$2" "$node" <<'END'
import json, socket, sys, time

path, command, tag, node = sys.argv[1:]
s = socket.socket(socket.AF_UNIX)
s.connect(path)
lines = s.makefile("rw")


def wait(done):
    while True:
        answer = json.loads(lines.readline())
        if "error" in answer:
            sys.exit(json.dumps(answer))
        if done(answer):
            return


def ask(name, **arguments):
    lines.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
    lines.flush()
    wait(lambda answer: "return" in answer)


wait(lambda answer: "QMP" in answer)
ask("qmp_capabilities")
begin = time.monotonic()
ask("stop")
name = "bench-%d" % time.monotonic_ns()
lines.write(json.dumps({"execute": command, "arguments": {
    "job-id": name, "tag": tag, "vmstate": node, "devices": [node]}}) + "\n")
lines.flush()
wait(lambda answer: answer.get("event") == "JOB_STATUS_CHANGE"
     and answer["data"] == {"id": name, "status": "concluded"})
ask("cont")
print(int((time.monotonic() - begin) * 1e6))
ask("job-dismiss", id=name)
END
}

bench_job() {
    local i ours=() bare=() ours_back=() bare_back=()
    "$UTMCTL" create bench --template minimal --memory 256M --disk 64M >/dev/null 2>&1
    "$UTMCTL" start --accel tcg bench >/dev/null
    node=$("$UTMCTL" qmp bench query-block | jq -r '.[0].inserted."node-name"')
    for ((i = 0; i < runs; i++)); do
        bare+=("$(job snapshot-save bare)")
        ours+=("$(timed "$UTMCTL" snapshot create bench ours)")
        bare_back+=("$(job snapshot-load bare)")
        ours_back+=("$(timed "$UTMCTL" snapshot restore --yes bench ours)")
        "$UTMCTL" qmp bench snapshot-delete "job-id=d$i" tag=bare "devices=$node" >/dev/null
        "$UTMCTL" snapshot delete bench ours >/dev/null
    done
    save_us=$(printf '%s\n' "${ours[@]}" | median)
    load_us=$(printf '%s\n' "${ours_back[@]}" | median)
    local bare_us bare_back_us
    bare_us=$(printf '%s\n' "${bare[@]}" | median)
    bare_back_us=$(printf '%s\n' "${bare_back[@]}" | median)
    row "snapshot create / snapshot-save" "$save_us" "$bare_us" $((bare_us * 105 / 100 + 20000))
    row "snapshot restore / snapshot-load" "$load_us" "$bare_back_us" \
        $((bare_back_us * 105 / 100 + 20000))
    "$UTMCTL" stop --kill bench
}

# ---- libvirt ----

start_libvirt() {
    command -v virsh >/dev/null && command -v libvirtd >/dev/null || return 1
    mkdir -p "$BOX/virt"
    qemu-img create -q -f qcow2 "$BOX/virt/disk.qcow2" 64M
    cat >"$BOX/virt/bench.xml" <<END
<domain type='qemu'>
  <name>bench</name><memory unit='MiB'>256</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <cpu mode='maximum'/>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='$BOX/virt/disk.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <serial type='null'/><memballoon model='none'/>
  </devices>
</domain>
END
    [ "$(id -u)" != 0 ] || chown -R 65534 "$BOX"
    as_user libvirtd -f /dev/null >"$BOX/virt.log" 2>&1 &
    daemon=$!
    wait_until 20 as_user virsh -q -c qemu:///session list &&
        as_user virsh -q -c qemu:///session create "$BOX/virt/bench.xml" >"$BOX/virt.log" 2>&1
}

bench_libvirt() {
    local i made=() back=() virsh=(as_user virsh -q -c qemu:///session)
    if ! start_libvirt; then
        echo "libvirt is left out: $(tail -n 1 "$BOX/virt.log" 2>/dev/null || echo not installed)"
        return
    fi
    for ((i = 0; i < runs; i++)); do
        made+=("$(timed "${virsh[@]}" snapshot-create-as bench s)")
        back+=("$(timed "${virsh[@]}" snapshot-revert bench s)")
        "${virsh[@]}" snapshot-delete bench s >/dev/null
    done
    local made_us back_us
    made_us=$(printf '%s\n' "${made[@]}" | median)
    back_us=$(printf '%s\n' "${back[@]}" | median)
    row "snapshot create / virsh" "$save_us" "$made_us" "$made_us"
    row "snapshot restore / virsh" "$load_us" "$back_us" "$back_us"
}

printf '%-34s %9s %9s\n' "median of $runs, ms" ours theirs
bench_job
bench_libvirt
exit $missed
