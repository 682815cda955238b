# SPDX-License-Identifier: Apache-2.0
# Whoever is killed, and whenever: the old state is there, or the new one, and nothing is damaged.
load lib
load kill

setup_file() {
    box_open
    kill_base
    layer_base
}

teardown_file() { box_close; }

all='utmctl helper qemu'

# What was at B and goes on from there, or from nothing: CLOCK DISKS TAGS...
at_b() { [ "$2" = $B ] && [[ $1 = "$B" || $1 = 0 ]]; }

created() {
    at_b "$@" || return 1
    case ${*:3} in
        kept) ;;
        'kept new')
            # What was made can be gone back to.
            utmctl snapshot restore --yes victim new >/dev/null
            [ "$(utmctl status victim)" = stopped ] || [ "$(clock_byte victim)" = $B ]
            utmctl stop --force victim
            ;;
        *) return 1 ;;
    esac
}

restored() {
    [ "${*:3}" = kept ] || return 1
    case "$1 $2" in
        "$A $A" | "$B $B" | "0 $A" | "0 $B") ;;
        *) return 1 ;;
    esac
}

deleted() { at_b "$@" && [[ ${*:3} = kept || -z ${*:3} ]]; }

@test "create of a running machine" {
    rounds base 120 "$all" created snapshot create victim new
}

@test "create of a stopped machine" {
    rounds flat 80 utmctl created snapshot create victim new
}

@test "a warm capture" {
    rounds base 350 "$all" created snapshot create --warm victim new
}

@test "restore of a running machine" {
    rounds base 100 "$all" restored snapshot restore --yes victim kept
}

@test "restore of a stopped machine" {
    rounds flat 100 utmctl restored snapshot restore --yes victim kept
}

suspended() {
    [ "${*:3}" = kept ] && at_b "$@"
}

@test "suspend" {
    rounds base 120 "$all" suspended suspend -s victim
}

copied() {
    at_b "$@" || return 1
    if [ -e "$LIBRARY/twin.utm" ]; then
        qemu-img check -q "$(images twin | head -n 1)" || return 1
        [ "$(byte_of "$(images twin | head -n 1)")" = $B ] || return 1
        utmctl snapshot list --json twin >/dev/null || return 1
        utmctl delete twin 2>/dev/null
    fi
    # What is left of a copy is not seen.
    [ "$(utmctl list --json | jq -r '.[].name' | sort | tr '\n' ' ')" = 'base flat layered victim ' ]
}

@test "clone" {
    rounds flat 90 utmctl copied clone victim --name twin
}

@test "delete on a running machine" {
    rounds base 70 "$all" deleted snapshot delete victim kept
}

@test "delete on a stopped machine" {
    rounds flat 80 utmctl deleted snapshot delete victim kept
}

merged() { [[ $* = kept || -z $* ]]; }

@test "commit of an external snapshot, while the machine runs" {
    rounds layered 150 "$all" merged snapshot delete victim kept
}

added() { [[ $* = kept || $* = 'kept new' ]]; }

@test "create of an external snapshot" {
    rounds layered 120 "$all" added snapshot create victim new --external
}
