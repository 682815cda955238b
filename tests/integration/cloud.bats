#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Machines from cloud images: the first boot, logging in, copying, and what a pipeline does with it.

load lib

setup_file() {
    box_open
    export IMAGE=$UTMCTL_TEST_MACHINES/cloud/cloud.qcow2
    # With nothing but the name of the program, as a script of somebody has it.
    mkdir "$BOX/bin"
    ln -s "$UTMCTL" "$BOX/bin/utmctl"
}
teardown_file() { box_close; }
setup() { cd "$BOX" || return 1; }

pipeline() { PATH=$BOX/bin:$PATH timeout 600 "$BATS_TEST_DIRNAME/pipeline.sh" "$@"; }

@test "a pipeline that fails leaves nothing" {
    PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
    python3 -c "if True:
        import socket, time
        server = socket.create_server(('127.0.0.1', $PORT))
        open('$BOX/taken', 'w').close()
        time.sleep(120)" 3>&- &
    wait_until 10 test -e "$BOX/taken"
    mkdir none
    run -8 pipeline "$IMAGE" none --forward "$PORT:22"
    kill $!
    [ -z "$(ls "$LIBRARY")" ]
    wait_until 5 no_processes
    rm key key.pub
}

@test "a pipeline creates, waits, copies in, tests and copies out" {
    mkdir app
    echo '. /etc/app.conf; echo "$greeting from $(hostname)" >report.txt; test -s report.txt' >app/test.sh
    ln -s test.sh app/link
    echo '{"ignition":{"version":"3.3.0"},"passwd":{"users":[{"name":"a, \"b\" c"}]}}' >a.ign
    KEEP=yes run -0 --separate-stderr pipeline "$IMAGE" app --hostname second --ignition a.ign
    echo "$output" "$stderr"
    [ "$(cat results/report.txt)" = "hello from second" ]
    grep -qx 0 <<<"$output"
}

@test "Ignition reaches the guest" {
    utmctl exec ci -- modprobe qemu_fw_cfg
    utmctl file pull ci /sys/firmware/qemu_fw_cfg/by_name/opt/com.coreos/config/raw >got
    [ "$(jq -c . got)" = "$(jq -c . a.ign)" ]
}

@test "the seed goes when the guest has shut itself down" {
    run -0 utmctl show ci
    [[ $output == *cloud-init.iso* ]]
    utmctl stop --request ci --timeout 3m
    wait_until 30 in_state ci stopped
    run -0 utmctl show ci
    [[ $output != *cloud-init.iso* ]]
    [ ! -e "$LIBRARY/ci.utm/Data/cloud-init.iso" ]
    utmctl delete ci
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
