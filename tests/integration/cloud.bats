#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Machines from cloud images: the first boot, logging in, copying, and what a pipeline does with it.

load lib

setup() {
    box_open
    cd "$BOX" || return 1
    IMAGE=$UTMCTL_TEST_MACHINES/cloud/cloud.qcow2
}
teardown() { box_close; }

@test "a pipeline creates, waits, copies in, tests and copies out" {
    mkdir app bin
    ln -s "$UTMCTL" bin/utmctl
    echo '. /etc/app.conf; echo "$greeting from $(hostname)" >report.txt; test -s report.txt' >app/test.sh
    ln -s test.sh app/link
    PATH=$BOX/bin:$PATH run --separate-stderr timeout 400 \
        "$BATS_TEST_DIRNAME/pipeline.sh" "$IMAGE" app
    echo "$output" "$stderr"
    [ "$status" = 0 ]
    [ "$(cat results/report.txt)" = "hello from ci" ]
    grep -qx 0 <<<"$output"
    [ -z "$(ls "$LIBRARY")" ]
    no_processes
}

@test "the seed goes when the guest has shut itself down; Ignition reaches the guest" {
    echo '{"ignition":{"version":"3.3.0"},"passwd":{"users":[{"name":"a, \"b\" c"}]}}' >a.ign
    utmctl create two --image "$IMAGE" --memory 1G --cpus 2 --hostname second --ignition a.ign
    utmctl show two | grep -q cloud-init.iso
    utmctl start --accel tcg two --wait cloud-init --timeout 5m
    [ "$(utmctl exec two -- hostname)" = second ]
    utmctl exec two -- modprobe qemu_fw_cfg
    utmctl file pull two /sys/firmware/qemu_fw_cfg/by_name/opt/com.coreos/config/raw >got
    [ "$(jq -c . got)" = "$(jq -c . a.ign)" ]

    utmctl stop --request two --timeout 90s
    wait_until 30 in_state two stopped
    run utmctl show two
    ! grep -q cloud-init.iso <<<"$output"
    [ ! -e "$LIBRARY/two.utm/Data/cloud-init.iso" ]
}

@test "what cloud-init would pass over, and what does not fit, makes no machine" {
    echo 'packages: [jq]' >plain
    run utmctl create x --image "$IMAGE" --cloud-init plain
    [ "$status" = 2 ]
    grep -q '#cloud-config' <<<"$output"
    run utmctl create x --image "$IMAGE" --image-size 1M --user me
    [ "$status" = 2 ]
    run utmctl create x --image-size 1G
    [ "$status" = 2 ]
    run utmctl create x --image "$IMAGE" --user me --ssh-key nowhere.pub
    [ "$status" = 4 ]
    [ -z "$(ls -A "$LIBRARY")" ]
}

@test "ssh to a machine that does not run says so" {
    utmctl create off --disk none --cdrom empty
    run utmctl ssh off -- true
    [ "$status" = 5 ]
    grep -q 'not running' <<<"$output"
    run utmctl ssh-config off
    [ "$status" = 5 ]
}
