#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# layers.sh SOURCE_FOLDER: fails on an include against cmd -> core -> { bundles, qapi }.
set -eu
cd "$1"
status=0

# refuse FOLDER PATTERN: no file below FOLDER includes what matches PATTERN.
refuse() {
    [ -d "$1" ] || return 0
    if grep -rnE "^#include \"($2)/" --include='*.[ch]' "$1"; then
        echo "$1 must not include these" >&2
        status=1
    fi
}

refuse bundles 'qapi|core|cmd|display'
refuse qapi 'bundles|core|cmd|display'
refuse core 'cmd|display'
refuse cmd 'display'
refuse display 'cmd|core|bundles|qapi'

# Only cmd prints and exits.
if grep -nE '[^a-z_](printf|puts|putchar|exit) ?\(|fprintf ?\((stdout|stderr)' \
    bundles/*.c core/*.c core/argv/*.c core/host/*.c qapi/*.c | grep -vE '^[^:]*:[0-9]+: *(/?\*|//)'; then
    echo "only cmd prints and exits" >&2
    status=1
fi
exit $status
