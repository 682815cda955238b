# SPDX-License-Identifier: Apache-2.0
# External snapshots with whoever killed, whenever: the old state is there, or the new one.
load lib
load kill

# "stacked" is at B and has an external snapshot "kept" that is at A; "flat" is the same and is not
# started. Making one and committing are looked at with the other snapshots.
setup_file() {
    box_open
    utmctl create stacked --template minimal --memory 128M --disk 32M --disk 32M >/dev/null
    utmctl start --accel tcg stacked >/dev/null
    set_all stacked $A
    utmctl snapshot create stacked kept --external
    set_all stacked $B
    utmctl stop --force stacked
    utmctl clone stacked --name flat >/dev/null
}

teardown_file() { box_close; }

all='utmctl helper qemu'
names() { utmctl snapshot list --json victim | jq -r '[.[].name] | join(" ")'; }

# What is left over is swept by the next start, which "whole" makes of a machine that was stopped.
nothing_left() {
    utmctl start --accel tcg victim >/dev/null
    utmctl stop --force victim
    [ "$(find "$LIBRARY/victim.utm/Data" -name '*.qcow2' | wc -l)" = 2 ] || return 1
    [ "$(find "$LIBRARY/victim.utm/Snapshots" -maxdepth 1 -type f 2>/dev/null | wc -l)" -le "$1" ]
}

goes_back_to() {
    utmctl snapshot restore --yes victim "$1" >/dev/null || return 1
    [ "$(byte_of "$(images victim | head -n 1)")$(byte_of "$(images victim | tail -n 1)")" = "$2$2" ]
}

# $1 is the clock, $2 what the disks are at.
taken_back() {
    [[ $2 = "$A" || $2 = "$B" ]] && [ "$(names)" = kept ] && nothing_left 2 && goes_back_to kept $A
}

merged() {
    [ "$2" = $B ] || return 1
    case $(names) in
        '')
            # What is still to be merged is merged by the next one.
            utmctl snapshot flatten victim && nothing_left 0 &&
                [ "$(byte_of "$(images victim | head -n 1)")" = $B ]
            ;;
        kept) nothing_left 2 && goes_back_to kept $A ;;
        *) return 1 ;;
    esac
}

@test "restore" {
    rounds flat 80 utmctl taken_back snapshot restore --yes victim kept
}

@test "delete on a stopped machine" {
    rounds flat 120 utmctl merged snapshot delete victim kept
}

@test "flatten on a running machine" {
    rounds stacked 150 "$all" merged snapshot flatten --yes victim
}
