#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make-pages.sh UTMCTL SCDOC PROSE_FOLDER OUTPUT_FOLDER
# Joins what the program says about its commands with the prose, one page a command.
set -eu
utmctl=$1 scdoc=$2 prose=$3 output=$4

rm -rf "$output"
mkdir -p "$output"

# page NAME COMMAND…: the page's source on standard output.
page() {
    name=$1
    shift
    "$utmctl" help --scdoc "$@"
    if [ -f "$prose/$name.1.scd" ]; then
        cat "$prose/$name.1.scd"
        echo
    fi
    printf '# SEE ALSO\n\n'
    if [ "$name" = utmctl ]; then
        echo '*qemu*(1)'
    else
        echo '*utmctl*(1)'
    fi
}

page utmctl >"$output/utmctl.scd"
for command in $("$utmctl" help --names | grep -v ' '); do
    page "utmctl-$command" "$command" >"$output/utmctl-$command.scd"
done
for source in "$output"/*.scd; do
    "$scdoc" <"$source" >"${source%.scd}.1" || {
        echo "$source: not accepted by scdoc" >&2
        exit 1
    }
    rm "$source"
done
