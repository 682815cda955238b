# SPDX-License-Identifier: Apache-2.0
# A machine saved to disk goes on where it stood.
load lib

setup_file() {
    box_open
    running sleeper
}

teardown_file() { box_close; }

@test "interrupted, it leaves the machine as it was" {
    # QEMU stands still, so that the saving takes until we let it.
    qemu=$(field sleeper pid)
    kill -STOP "$qemu"
    env --default-signal=INT "$UTMCTL" suspend -s sleeper >"$BOX/out" 2>&1 3>&- &
    pid=$!
    wait_until 20 in_state sleeper saving
    kill -INT $pid
    status=0
    wait $pid || status=$?
    kill -CONT "$qemu"
    [ $status = 130 ]
    wait_until 20 in_state sleeper started
    [ "$(field sleeper suspended)" = false ]
    [ -z "$(qemu-img snapshot -U -l "$LIBRARY/sleeper.utm/Data/disk.qcow2")" ]
}

@test "suspend -s saves and stops" {
    guest sleeper 'echo kept >/tmp/in-memory'
    run -0 utmctl suspend -s sleeper
    in_state sleeper stopped
    [ "$(field sleeper suspended)" = true ]
    wait_until 10 no_processes
}

@test "start goes on with the guest's memory as it was" {
    run -0 utmctl start --accel tcg sleeper
    in_state sleeper started
    run -0 guest sleeper 'cat /tmp/in-memory; cat /data/boots'
    [ "${lines[0]}" = kept ]
    [ "${lines[1]}" = 1 ]
}

@test "a state is used once" {
    [ "$(field sleeper suspended)" = false ]
    [ -z "$(qemu-img snapshot -U -l "$LIBRARY/sleeper.utm/Data/disk.qcow2")" ]
}

@test "a saved state can be given up" {
    guest sleeper 'echo lost >/tmp/in-memory'
    run -0 utmctl suspend -s sleeper
    boot --discard-state sleeper
    run -0 guest sleeper 'test ! -e /tmp/in-memory && cat /data/boots'
    [ "$output" = 2 ]
}

@test "a state that no longer fits is kept, and the choice is told" {
    run -0 utmctl suspend -s sleeper
    utmctl config set --force sleeper System.MemorySize=320
    run -7 utmctl start --accel tcg sleeper
    [[ $output == *'"-m 320"'* || $output == *' -m 320"'* ]]
    [[ $output != *'-machine '* ]]
    [[ $output == *'hint: utmctl start --discard-state sleeper'* ]]
    utmctl config set --force sleeper System.MemorySize=256
    run -0 utmctl start --accel tcg sleeper
    run -0 guest sleeper 'cat /data/boots'
    [ "$output" = 2 ]
}

@test "a suspended machine can be paused first" {
    guest sleeper 'echo again >/tmp/in-memory'
    run -0 utmctl pause sleeper
    run -0 utmctl suspend -s sleeper
    run -0 utmctl start --accel tcg sleeper
    run -0 guest sleeper 'cat /tmp/in-memory'
    [ "$output" = again ]
    run -0 utmctl stop sleeper
}
