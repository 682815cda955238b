#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures what utmctl promises about its speed and size, in one run, and prints a table.
#
#   run.sh [BUILD]    BUILD is a folder with a release build; by default build/release, made here
#
# Needs QEMU; the comparison with virsh also libvirt-clients and libvirt-daemon, and is left out
# without them. Numbers are medians. Exit status 1 when a target is missed. On a busy host
# "chrt -f 10 run.sh" keeps the others out of the way.
set -euo pipefail

source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source/build/release}
runs=${BENCH_RUNS:-100}
machines=${BENCH_MACHINES:-1000}
starts=${BENCH_STARTS:-15}
missed=0

[ -f "$build/CMakeCache.txt" ] || cmake -S "$source" -B "$build" -G Ninja \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
cmake --build "$build" --target bench >/dev/null
utmctl=$build/cmd/utmctl
compare=$build/tests/bench/bench-compare
empty=$build/tests/bench/bench-empty-gio
by_hand=$build/tests/bench/bench-by-hand

work=$(mktemp -d /tmp/ub.XXXXXX)
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    "$utmctl" stop --kill bench >/dev/null 2>&1 || true
    if [ -f "$work/run/libvirt/libvirtd.pid" ]; then
        kill "$(cat "$work/run/libvirt/libvirtd.pid")" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap clean_up EXIT
mkdir -m 0700 "$work"/{home,config,data,state,cache,run,one,many}
export HOME=$work/home XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/data \
    XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache XDG_RUNTIME_DIR=$work/run

# row WHAT OURS THEIRS RATIO TARGET OK
row() {
    printf '%-42s %12s %12s %9s   %-18s %s\n' "$@"
}

# ratio_row WHAT OURS_US THEIRS_US MOST
ratio_row() {
    local ratio ok=ok
    ratio=$(awk -v a="$2" -v b="$3" 'BEGIN { printf "%.2f", a / b }')
    if awk -v r="$ratio" -v m="$4" 'BEGIN { exit !(r > m) }'; then
        ok=MISSED missed=1
    fi
    row "$1" "$(ms "$2")" "$(ms "$3")" "$ratio" "at most $4" $ok
}

# limit_row WHAT VALUE UNIT MOST
limit_row() {
    local ok=ok
    if awk -v v="$2" -v m="$4" 'BEGIN { exit !(v > m) }'; then
        ok=MISSED missed=1
    fi
    row "$1" "$2 $3" "" "" "at most $4 $3" $ok
}

ms() {
    awk -v us="$1" 'BEGIN { printf "%.2f ms", us / 1000 }'
}

median() {
    sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

median_ms() {
    ms "$(median)"
}

# The medians that bench-compare prints, on one line.
medians() {
    "$@" | awk '{ printf "%s ", $1 } END { print "" }'
}

make_library() {
    local uuid name i template=$source/bundles/templates/demo.utm/config.plist
    for ((i = 1; i <= $2; i++)); do
        printf -v name 'vm%04d' $i
        printf -v uuid '00000000-0000-4000-8000-%012d' $i
        mkdir -p "$1/$name.utm/Data"
        sed -e "/<key>UUID<\/key>/{n;s/<string>.*</<string>$uuid</}" \
            -e "/<key>Name<\/key>/{n;s/<string>.*</<string>$name</}" "$template" \
            >"$1/$name.utm/config.plist"
    done
}

make_domains() {
    local folder=$XDG_CONFIG_HOME/libvirt/qemu uuid name i
    mkdir -p "$folder"
    for ((i = 1; i <= $1; i++)); do
        printf -v name 'vm%04d' $i
        printf -v uuid '00000000-0000-4000-8000-%012d' $i
        cat >"$folder/$name.xml" <<END
<domain type='qemu'>
  <name>$name</name><uuid>$uuid</uuid><memory unit='MiB'>256</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices>
</domain>
END
    done
}

bench_one() {
    make_library "$work/one" 1
    export UTMCTL_LIBRARY=$work/one
    read -r empty_us list_us status_us < <(medians "$compare" "$runs" "$empty" --- "$utmctl" list --- \
        "$utmctl" status vm0001)
    ratio_row "list of one machine / empty GIO program" "$list_us" "$empty_us" 3
    ratio_row "status of one machine / the same" "$status_us" "$empty_us" 3
}

# A session of libvirt is the user's own, which root cannot have: root becomes nobody for it.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        "$@"
    fi
}

bench_many() {
    make_library "$work/many" "$machines"
    export UTMCTL_LIBRARY=$work/many
    "$utmctl" list >/dev/null 2>&1
    local some=$((runs / 4 + 1))
    if ! command -v virsh >/dev/null || ! command -v libvirtd >/dev/null; then
        read -r ours_us < <(medians "$compare" "$some" "$utmctl" list)
        limit_row "list of $machines machines (no libvirt here)" \
            "$(awk -v us="$ours_us" 'BEGIN { printf "%.2f", us / 1000 }')" ms 10
        return
    fi
    make_domains "$machines"
    [ "$(id -u)" != 0 ] || chown -R 65534 "$work"
    as_user virsh -c qemu:///session list --all >"$work/domains"
    [ "$(grep -c vm "$work/domains")" = "$machines" ] || {
        echo "run.sh: libvirt does not have the $machines domains" >&2
        return 1
    }
    read -r ours_us theirs_us < <(medians as_user "$compare" "$some" "$utmctl" list --- \
        virsh -c qemu:///session list --all)
    [ "$(id -u)" != 0 ] || chown -R 0 "$work"
    ratio_row "list of $machines machines / virsh list --all" "$ours_us" "$theirs_us" 0.2
}

# Private memory of a process in MiB.
private_mib() {
    awk '/^Private_/ { sum += $2 } END { printf "%.2f", sum / 1024 }' "/proc/$1/smaps_rollup"
}

# Clock ticks that a process has spent, and how often it was switched to.
cpu_use() {
    echo "$(awk '{ print $14 + $15 }' "/proc/$1/stat")" \
        "$(awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$1/task/"*/status)"
}

status_number() {
    "$utmctl" status --json bench | grep -o "\"$1\":[[:space:]]*[0-9]*" | grep -o '[0-9]*$'
}

# Waits until a process sleeps: until it has not been switched to for a second, or 20 are over.
wait_quiet() {
    local before after i
    for ((i = 0; i < 20; i++)); do
        before=$(cpu_use "$1")
        sleep 1
        after=$(cpu_use "$1")
        [ "$before" != "$after" ] || return 0
    done
}

bench_helper() {
    local helper ticks switches ticks_after switches_after idle=5
    "$utmctl" start -q bench
    helper=$(status_number helper_pid)
    limit_row "private memory of the helper" "$(private_mib "$helper")" MiB 6
    wait_quiet "$helper"
    read -r ticks switches < <(cpu_use "$helper")
    # Idleness can only be watched for a while.
    sleep $idle
    read -r ticks_after switches_after < <(cpu_use "$helper")
    limit_row "CPU time of the idle helper in $idle s" $(((ticks_after - ticks) * 10)) ms 0
    limit_row "wake-ups of the idle helper in $idle s" $((switches_after - switches)) times 5
    "$utmctl" stop -q --kill bench
}

now_us() {
    echo "${EPOCHREALTIME/./}"
}

bench_start() {
    local i begin qemu ours=() theirs=() more=()
    export UTMCTL_LIBRARY=$work/one
    "$utmctl" create -q bench --memory 128M --disk 64M >/dev/null
    "$utmctl" start -q bench
    qemu=$(status_number pid)
    cp "/proc/$qemu/cmdline" "$work/arguments"
    "$utmctl" stop -q --kill bench
    for ((i = 0; i < starts; i++)); do
        begin=$(now_us)
        "$utmctl" start -q bench
        ours+=($(($(now_us) - begin)))
        "$utmctl" stop -q --kill bench
        tr '\0' '\n' <"$work/arguments" | grep -o "$XDG_RUNTIME_DIR/[^,]*" |
            xargs -r -n 1 dirname | sort -u | xargs -r mkdir -p
        theirs+=("$("$by_hand" "$work/arguments")")
        more+=($((ours[i] - theirs[i])))
        rm -rf "$XDG_RUNTIME_DIR/utmctl"
    done
    # The median of the differences, because the times of QEMU itself are far apart.
    local more_us ok=ok
    more_us=$(printf '%s\n' "${more[@]}" | median)
    if [ "$more_us" -gt 20000 ]; then
        ok=MISSED missed=1
    fi
    row "start until QEMU runs / QEMU by hand" "$(printf '%s\n' "${ours[@]}" | median_ms)" \
        "$(printf '%s\n' "${theirs[@]}" | median_ms)" "$(ms "$more_us")" "at most +20 ms" $ok
}

# What the sandbox adds to a start: turn by turn with and without it.
bench_sandbox() {
    local i begin closed=() open=() more=()
    for ((i = 0; i < starts; i++)); do
        begin=$(now_us)
        "$utmctl" start -q bench
        closed+=($(($(now_us) - begin)))
        "$utmctl" stop -q --kill bench
        begin=$(now_us)
        "$utmctl" start -q --no-sandbox bench
        open+=($(($(now_us) - begin)))
        "$utmctl" stop -q --kill bench
        more+=($((closed[i] - open[i])))
    done
    local more_us ok=ok
    more_us=$(printf '%s\n' "${more[@]}" | median)
    if [ "$more_us" -gt 10000 ]; then
        ok=MISSED missed=1
    fi
    row "start in the sandbox / --no-sandbox" "$(printf '%s\n' "${closed[@]}" | median_ms)" \
        "$(printf '%s\n' "${open[@]}" | median_ms)" "$(ms "$more_us")" "at most +10 ms" $ok
}

bench_argv() {
    local argv_us version_us
    read -r argv_us version_us < <(medians "$compare" "$runs" "$utmctl" argv bench --- \
        "$utmctl" version)
    limit_row "argv of one machine beyond version" \
        "$(awk -v a="$argv_us" -v b="$version_us" 'BEGIN { printf "%.2f", (a - b) / 1000 }')" ms 3
}

# Importing an image of 2 GiB: against cp, and how much memory it takes. Both write to the disk.
bench_import() {
    local begin ours theirs memory
    head -c 2147483648 /dev/urandom >"$work/big.img"
    begin=$(now_us)
    cp --reflink=never "$work/big.img" "$work/copy.img"
    sync "$work/copy.img"
    theirs=$(($(now_us) - begin))
    rm "$work/copy.img"
    begin=$(now_us)
    memory=$({ python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=2)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
        "$utmctl" import --raw --quiet --name big "$work/big.img"; } 2>/dev/null)
    sync
    ours=$(($(now_us) - begin))
    "$utmctl" delete -q big
    rm "$work/big.img"
    ratio_row "import 2 GiB / cp" "$ours" "$theirs" 2
    limit_row "memory of that" "$((memory / 1024))" MiB 64
}

row what ours theirs ratio target ""
bench_one
bench_many
bench_start
bench_sandbox
bench_argv
bench_import
bench_helper
"$source/tests/bench/qmp.sh" "$build" || missed=1
exit $missed
