# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Killing utmctl, its helper or QEMU at random moments of an operation, and looking at what is left.
#
# The machine has two disks and no guest: what it "knows" is a pattern on each disk and a byte in the
# CMOS memory of its clock, which a snapshot keeps with the memory. Before each round it is at B; its
# snapshot "kept" is at A. From the environment: UTMCTL_KILLS, rounds for each operation, and
# UTMCTL_KILL_SEED, which makes the same moments again.

kills=${UTMCTL_KILLS:-2}
seed=${UTMCTL_KILL_SEED:=$((($(date +%s) ^ $$) & 32767))}
export UTMCTL_KILL_SEED
A=65 B=66
PATTERN_BYTES=4M

monitor() { utmctl qmp --stdin "$1"; }

# hmp COMMAND...: lines for monitor
hmp() {
    jq -cn --args '$ARGS.positional[] |
        {execute: "human-monitor-command", arguments: {"command-line": .}}' -- "$@"
}

# set_all VM BYTE: on both disks and in the clock
set_all() {
    local device
    for device in $(utmctl qmp "$1" query-block | jq -r '.[].device'); do
        hmp "qemu-io $device \"write -P $2 0 $PATTERN_BYTES\""
    done | monitor "$1" >/dev/null
    hmp stop 'o /b 0x70 0x60' "o /b 0x71 $2" cont | monitor "$1" >/dev/null
}

# The firmware may be at the clock too, and stands still meanwhile.
clock_byte() {
    hmp stop 'o /b 0x70 0x60' 'i /b 0x71' cont | monitor "$1" | sed -n 's/.*= \(0x[0-9a-f]*\).*/\1/p' |
        xargs printf '%d\n'
}

images() { printf '%s\n' "$LIBRARY/$1.utm/Data"/*.qcow2; }

# byte_of IMAGE: what the whole pattern consists of, or "mixed"
byte_of() {
    local byte
    for byte in $A $B; do
        if ! qemu-io -r -f qcow2 -c "read -P $byte 0 $PATTERN_BYTES" "$1" | grep -q failed; then
            echo $byte
            return
        fi
    done
    echo mixed
}

tags_of() { qemu-img snapshot -l "$1" | awk 'NR > 2 { print $2 }' | sort | tr '\n' ' '; }

# kill_base: the machine that every round begins with
kill_base() {
    utmctl create base --template minimal --memory 128M --disk 32M --disk 32M >/dev/null
    utmctl start --accel tcg base >/dev/null
    set_all base $A
    utmctl snapshot create base kept
    set_all base $B
    utmctl stop --force base
    # The same with a snapshot of its disks alone, for a machine that stands still.
    utmctl clone base --name flat >/dev/null
    utmctl snapshot restore --yes --paused flat kept >/dev/null
    utmctl stop --force flat
    utmctl snapshot delete flat kept
    utmctl snapshot create flat kept
    utmctl start --accel tcg flat >/dev/null
    set_all flat $B
    utmctl stop --force flat
}

# fresh BASE: the machine "victim", at B
fresh() {
    if [ -e "$LIBRARY/victim.utm" ]; then
        utmctl stop --kill victim
        utmctl delete victim 2>/dev/null
    fi
    utmctl clone "$1" --name victim >/dev/null 2>&1
    [ "$1" != flat ] || return 0
    utmctl start --accel tcg victim >/dev/null
    set_all victim $B
}

gone() { ! kill -0 "$1" 2>/dev/null; }
settled() { case $(utmctl status "$1") in started | stopped | paused) ;; *) false ;; esac }
no_qemu_img() { ! pgrep -f "qemu-img .*$LIBRARY/" >/dev/null; }

# cut MILLISECONDS WHOM COMMAND...: WHOM is utmctl, helper or qemu. Returns when all is quiet.
cut_short() {
    local after=$1 whom=$2 helper=0 qemu=0 pid target
    shift 2
    if [ "$(utmctl status victim)" != stopped ]; then
        helper=$(field victim helper_pid)
        qemu=$(field victim pid)
    fi
    "$UTMCTL" "$@" >"$BOX/cut.log" 2>&1 3>&- &
    pid=$!
    case $whom in
        utmctl) target=$pid ;;
        helper) target=$helper ;;
        qemu) target=$qemu ;;
    esac
    sleep "$(printf '0.%03d' "$after")"
    kill -KILL "$target" 2>/dev/null || true
    wait $pid 2>/dev/null || true
    if [ "$whom" != utmctl ]; then
        wait_until 20 gone "$qemu"
        wait_until 20 gone "$helper"
    fi
    wait_until 20 no_qemu_img
    wait_until 20 settled victim
}

# whole: the two disks are of one state, and sound. Prints byte of clock, of disks, and the tags.
whole() {
    local clock one two first second
    [ "$(utmctl status victim)" != stopped ] || utmctl start --accel tcg victim >/dev/null
    clock=$(clock_byte victim)
    utmctl stop --force victim
    { read -r first && read -r second; } < <(images victim)
    qemu-img check -q "$first" && qemu-img check -q "$second" || return 1
    one=$(byte_of "$first") two=$(byte_of "$second")
    [ "$one" = "$two" ] || { echo "disks at $one and $two" >&2 && return 1; }
    one=$(tags_of "$first")
    [ "$one" = "$(tags_of "$second")" ] || {
        echo "snapshots $one and $(tags_of "$second")" >&2
        return 1
    }
    utmctl snapshot list --json victim >/dev/null
    echo "$clock $two $one"
}

# rounds BASE LIMIT_MS WHOM CHECK COMMAND...: cut the command short "kills" times; CHECK is given
# what "whole" has found.
rounds() {
    local look=whole
    [ "$1" != layered ] || look=whole_layers
    local base=$1 limit=$2 whoms check=$4 round moment whom state
    read -r -a whoms <<<"$3"
    shift 4
    RANDOM=$seed
    for ((round = 1; round <= kills; round++)); do
        moment=$((RANDOM % limit)) whom=${whoms[RANDOM % ${#whoms[@]}]}
        fresh "$base"
        cut_short $moment "$whom" "$@"
        state=$($look) && "$check" $state || {
            echo "seed $seed, round $round: $* with $whom killed after $moment ms: ${state-}" >&2
            cat "$BOX/cut.log" >&2
            return 1
        }
    done
}

# ---- external snapshots ----

# layer_base: a machine at B whose disks are images over those that have A
layer_base() {
    utmctl create layered --template minimal --memory 128M --disk 32M --disk 32M >/dev/null
    utmctl start --accel tcg layered >/dev/null
    set_all layered $A
    utmctl snapshot create layered kept --external
    set_all layered $B
    utmctl stop --force layered
}

# Images that the configuration names, wherever they lie.
active_images() {
    local name
    sed -n '/<key>ImageName<\/key>/{n;s/.*<string>\(.*\)<\/string>.*/\1/p}' \
        "$LIBRARY/$1.utm/config.plist" | while read -r name; do
        echo "$LIBRARY/$1.utm/Data/$name"
    done
}

# whole_layers: every image is sound, and what the machine goes on from is B. Prints its snapshots.
whole_layers() {
    local image
    [ "$(utmctl status victim)" != stopped ] || utmctl start --accel tcg victim >/dev/null
    utmctl stop --force victim
    find "$LIBRARY/victim.utm" -name '*.qcow2' >"$BOX/images"
    while read -r image; do
        qemu-img check -q "$image" || return 1
    done <"$BOX/images"
    while read -r image; do
        [ "$(byte_of "$image")" = $B ] || { echo "$image at $(byte_of "$image")" >&2 && return 1; }
    done < <(active_images victim)
    utmctl snapshot list --json victim | jq -r '.[].name' | tr '\n' ' '
}
