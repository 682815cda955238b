#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the machine that a suite's tests clone: make-machine.sh TEMPLATE FOLDER
#
# Made anew in each run, since it is the test of "create"; what it consists of comes from the
# user's cache, so that only the first run downloads.
set -euo pipefail
template=$1 folder=$2

rm -rf "$folder/$template" "$folder/$template.tmp"
mkdir -p "$folder/$template.tmp"
# The library is ours; the cache is the user's.
UTMCTL_LIBRARY=$folder/$template.tmp "$UTMCTL" create --template "$template"
mv "$folder/$template.tmp" "$folder/$template"
test -s "$folder/$template/$template.utm/Data/disk.qcow2"
