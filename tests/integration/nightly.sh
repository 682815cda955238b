#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nightly snapshots of all machines, for cron: nightly.sh [PRUNE-OPTION...]
# The last 3, one of each of 7 days and of 4 weeks stay, and every snapshot that has another name.
set -u
[ $# -gt 0 ] || set -- --keep-last 3 --keep-daily 7 --keep-weekly 4
name=nightly-$(date -u +%Y-%m-%dT%H:%M:%S.%N)
failed=0
for vm in $(utmctl list --json | jq -r '.[] | select(.backend == "QEMU") | .uuid'); do
    if utmctl snapshot create --quiet "$vm" "$name" --description "by ${0##*/}"; then
        utmctl snapshot prune --quiet "$vm" --prefix nightly- "$@" || failed=1
    else
        echo "${0##*/}: no snapshot of $vm tonight; older ones are kept" >&2
        failed=1
    fi
done
exit $failed
