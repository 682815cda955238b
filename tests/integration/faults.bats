# SPDX-License-Identifier: Apache-2.0
# What goes wrong with real machines: each has a clear error, and nothing is lost or left behind.
load lib

setup() {
    box_open
}

teardown() { box_close; }

plist() { echo "$LIBRARY/$1.utm/config.plist"; }

@test "QEMU that dies at once: its own words and the log are named" {
    machine bad
    sed -i 's|<string>-append</string>|<string>-device no-such-device</string><string>-append</string>|' \
        "$(plist bad)"
    utmctl trust --yes bad >/dev/null
    run -1 --separate-stderr utmctl start --accel tcg bad
    [ -z "$output" ]
    [[ "$stderr" == *'VM "bad"'*no-such-device* ]]
    [[ "$stderr" == *.log* ]]
    in_state bad stopped
    wait_until 5 no_processes
}

@test "a disk image that is missing" {
    machine bare
    rm "$LIBRARY/bare.utm/Data/disk.qcow2"
    run ! --separate-stderr utmctl start --accel tcg bare
    [ -z "$output" ]
    [[ "$stderr" == *'VM "bare"'*disk.qcow2* ]]
    in_state bare stopped
    wait_until 5 no_processes
}

@test "two bundles with one UUID: the name picks, the UUID is refused, both cannot run" {
    machine twin
    cp -r "$LIBRARY/twin.utm" "$LIBRARY/copy.utm"
    sed -i 's|<string>twin</string>|<string>copy</string>|' "$(plist copy)"
    uuid=$(uuid_of twin)
    [ "$(uuid_of copy)" = "$uuid" ]
    run -2 --separate-stderr utmctl status "$uuid"
    [[ "$stderr" == *twin.utm* && "$stderr" == *copy.utm* ]]
    utmctl start --accel tcg twin
    run -8 --separate-stderr utmctl start --accel tcg copy
    [[ "$stderr" == *copy* && "$stderr" == *twin* ]]
    in_state twin started
}

@test "a disk that somebody else writes to: who is named" {
    machine shared
    qemu-system-x86_64 -M none -display none -nodefaults -monitor none \
        -blockdev "driver=qcow2,node-name=d,file.driver=file,file.filename=$LIBRARY/shared.utm/Data/disk.qcow2" \
        >"$BOX/other.log" 2>&1 3>&- &
    other=$!
    lock_held() { grep -q ":$(stat -c %i "$LIBRARY/shared.utm/Data/disk.qcow2") " /proc/locks; }
    wait_until 20 lock_held
    run -8 --separate-stderr utmctl start --accel tcg shared
    kill $other
    [[ "$stderr" == *disk.qcow2* && "$stderr" == *"$other"* ]]
    in_state shared stopped
}

@test "start twice at once: one starts it, the other is refused" {
    machine race
    utmctl start --accel tcg race >"$BOX/1" 2>&1 3>&- &
    first=$!
    utmctl start --accel tcg race >"$BOX/2" 2>&1 3>&- &
    second=$!
    one=0 two=0
    wait $first || one=$?
    wait $second || two=$?
    cat "$BOX/1" "$BOX/2"
    # Either may win; the other is told that it runs or is being started.
    [ $((one == 0)) != $((two == 0)) ]
    [ $((one + two)) = 5 ] || [ $((one + two)) = 8 ]
    in_state race started
    [ "$(box_processes | xargs -I{} readlink /proc/{}/exe | grep -c qemu-system)" = 1 ]
}

@test "the machine survives the terminal it was started from" {
    script -qec true /dev/null </dev/null >/dev/null || skip "no pseudo terminals here"
    machine orphan demo-up
    # A session with a terminal of its own, which is hung up when script ends.
    script -qec "$UTMCTL start --yes orphan@up" /dev/null </dev/null >/dev/null 3>&-
    run -0 guest orphan 'echo alive'
    [ "$output" = alive ]
    in_state orphan started
}

@test "a machine whose QEMU is still being looked at is starting, and can be stopped" {
    machine early
    # A QEMU that takes its time; nothing is known of it yet.
    mkdir "$BOX/qemu"
    printf '#!/bin/sh\n: >"%s"\nuntil [ -e "%s" ]; do sleep 0.02; done\nexec %s "$@"\n' \
        "$BOX/asked" "$BOX/go" "$(command -v qemu-system-x86_64)" >"$BOX/qemu/qemu-system-x86_64"
    chmod +x "$BOX/qemu/qemu-system-x86_64"
    UTMCTL_QEMU_DIR=$BOX/qemu utmctl start --accel tcg --no-sandbox early >"$BOX/out" 2>&1 3>&- &
    start=$!
    wait_until 20 test -e "$BOX/asked"
    in_state early starting
    [ "$(field early state)" = starting ]
    utmctl list | grep -q "starting early"
    utmctl stop early 3>&- &
    stop=$!
    touch "$BOX/go"
    wait $stop
    wait $start || true
    in_state early stopped
    wait_until 5 no_processes
}

@test "Ctrl-C during a start leaves the machine as it was" {
    machine hasty
    # A start that takes long: QEMU waits for a connection that nobody makes.
    sed -i 's|<string>-append</string>|<string>-chardev socket,id=late,path=late,server=on,wait=on</string><string>-append</string>|' \
        "$(plist hasty)"
    utmctl trust --yes hasty >/dev/null
    # The shell lets what runs in the background ignore the key; here it shall not.
    env --default-signal=INT "$UTMCTL" start --accel tcg --timeout 60s hasty >"$BOX/out" 2>&1 3>&- &
    pid=$!
    wait_until 20 in_state hasty starting
    kill -INT $pid
    status=0
    wait $pid || status=$?
    cat "$BOX/out"
    [ $status = 130 ]
    wait_until 20 no_processes
    in_state hasty stopped
}

@test "a full disk while creating: said so, and nothing is left" {
    mkdir "$BOX/small"
    # A small file system of our own: as root, or as root of a user namespace.
    apart=
    for how in -m -rm; do
        unshare $how true 2>/dev/null && apart=$how && break
    done
    [ -n "$apart" ] || skip "no mount namespace here"
    run -1 --separate-stderr unshare $apart sh -c "mount -t tmpfs -o size=8M tmpfs '$BOX/small' &&
        XDG_CACHE_HOME='$USER_CACHE' UTMCTL_LIBRARY='$BOX/small' '$UTMCTL' create --template demo full; s=\$?
        ls -A '$BOX/small' >'$BOX/left'; exit \$s"
    [[ "$stderr" == *full* || "$stderr" == *space* ]]
    [ ! -s "$BOX/left" ]
}
