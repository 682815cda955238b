# SPDX-License-Identifier: Apache-2.0
# A machine saved to disk goes on where it stood.
load lib

setup_file() {
    box_open
    machine sleeper
    boot sleeper
}

teardown_file() { box_close; }

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
    [ "$(field sleeper suspended)" = false ]
}

@test "a state is used once" {
    run -0 utmctl stop --kill sleeper
    boot sleeper
    run -0 guest sleeper 'test ! -e /tmp/in-memory && cat /data/boots'
    [ "$output" = 2 ]
}

@test "a saved state can be given up" {
    guest sleeper 'echo lost >/tmp/in-memory'
    run -0 utmctl suspend -s sleeper
    boot --discard-state sleeper
    run -0 guest sleeper 'test ! -e /tmp/in-memory && cat /data/boots'
    [ "$output" = 3 ]
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
