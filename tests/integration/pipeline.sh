#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What somebody would write to test an application in a machine made from a cloud image:
# pipeline.sh IMAGE APPLICATION_FOLDER [CREATE-OPTION...]
#
# With KEEP=yes the machine stays, to be looked at.
set -eu
image=$1 app=$2
shift 2

ssh-keygen -q -t ed25519 -N '' -f key
cat >user-data <<'END'
#cloud-config
write_files:
  - path: /etc/app.conf
    content: greeting=hello
END

utmctl create ci --image "$image" --image-size 3G --memory 1G \
    --cloud-init user-data --user tester --ssh-key key.pub "$@"
trap '[ "${KEEP-}" = yes ] || { utmctl stop --kill ci; utmctl delete ci; }' EXIT
utmctl start ci --wait cloud-init --timeout 5m

utmctl file cp -r "$app" ci:/srv/app
utmctl exec ci --cwd /srv/app -- sh test.sh
utmctl wait ci ssh --timeout 1m
utmctl ssh ci -- sudo -n id -u

mkdir results
utmctl file cp ci:/srv/app/report.txt results/
cat results/report.txt
