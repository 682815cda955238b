#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Trees into and out of a guest, and what a malicious guest sends.

load lib

setup_file() {
    load lib
    box_open
    running web
    wait_until 30 utmctl exec web -- true
}
teardown_file() { box_close; }
setup() {
    cd "$BOX" || return 1
    rm -rf here back && mkdir here
}

# Folders and links without their times, which the tar of the demo does not set.
facts() {
    (cd "$1" && find . -mindepth 1 \( -type d -printf '%P %m\n' -o -type l -printf '%P %l\n' -o \
        -printf '%P %y %m %l %s %T@\n' \) |
        sed 's/\.[0-9]*$//' | sort)
}

@test "a tree goes in and comes back with modes, times, links and holes" {
    mkdir -p here/sub/deep
    echo one >here/a
    touch -d '2001-02-03 04:05:06Z' here/a
    ln here/a here/hard
    ln -s a here/soft
    ln -s /nowhere here/dangling
    head -c 300000 /dev/urandom >"here/sub/with blank"
    : >here/sub/deep/empty
    truncate -s 4M here/sparse
    chmod 700 here/sub
    chmod 755 here/a

    utmctl file cp -r here web:/root
    utmctl exec web -- test -x /root/here/a
    [ "$(utmctl exec web -- stat -c %u /root/here/a)" = 0 ]
    utmctl file cp -r web:/root/here back
    diff <(facts here) <(facts back)
    diff -r --no-dereference here back
    [ "$(stat -c %i back/a)" = "$(stat -c %i back/hard)" ]
    [ "$(stat -c %b back/sparse)" -lt 100 ]
}

@test "a single file takes a new name, or goes into a folder" {
    echo text >here/f
    utmctl file cp here/f web:/tmp/g
    [ "$(utmctl exec web -- cat /tmp/g)" = text ]
    utmctl file cp web:/tmp/g here/
    [ "$(cat here/g)" = text ]
    utmctl file cp web:/tmp/g here/h
    [ "$(cat here/h)" = text ]
}

@test "what cannot be copied is named" {
    run utmctl file cp here web:/tmp
    [ "$status" = 2 ] && grep -q -- '-r' <<<"$output"
    run utmctl file cp nothing web:/tmp
    [ "$status" = 4 ]
    run utmctl file cp web:/nothing here
    [ "$status" = 4 ]
    run utmctl file cp README /tmp
    [ "$status" = 2 ]
    run utmctl file cp web:/a web:/b
    [ "$status" = 2 ]
    echo x >here/f
    run utmctl file cp here/f web:/nowhere/f
    [ "$status" = 4 ]
    mkfifo here/pipe
    run utmctl file cp -r here web:/tmp/made
    [ "$status" = 0 ] && grep -q pipe <<<"$output"
}

@test "a guest that is full says so" {
    utmctl exec web -- sh -c 'mkdir -p /small && mount -t tmpfs -o size=64k tmpfs /small'
    head -c 200000 /dev/urandom >here/big
    run utmctl file cp here/big web:/small/big
    [ "$status" = 1 ]
    grep -qi 'space' <<<"$output"
}

# evil NAME CODE...: what a guest sends that has a tar of its own
evil() {
    python3 - "$BOX/evil.tar" <<END
import io, sys, tarfile
with tarfile.open(sys.argv[1], 'w') as tar:
    def add(name, type=tarfile.REGTYPE, link='', data=b'bad', mode=0o644):
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.mode = type, link, mode
        info.size = len(data) if type == tarfile.REGTYPE else 0
        tar.addfile(info, io.BytesIO(data))
$1
END
    utmctl file push web /tmp/evil.tar <"$BOX/evil.tar"
}

# The shell of the demo knows tar itself, so it is the shell that is replaced.
corrupt() {
    printf '%s\n' '#!/bin/busybox ash' \
        '[ "$1" = -c ] || exec /bin/busybox ash "$@"' \
        's=$(printf "%s\n" "$2" | sed "s#tar -c [^;]*;#cat /tmp/evil.tar;#"); shift 2' \
        'exec /bin/busybox ash -c "$s" "$@"' |
        utmctl file push web /bin/evil
    utmctl exec web -- busybox sh -c 'chmod 755 /bin/evil; mkdir -p /tmp/tree; mv /bin/evil /bin/sh'
}

@test "what a malicious guest sends stays below the target" {
    corrupt
    mkdir -p here/out
    echo safe >here/victim
    for code in \
        "    add('tree/../../victim')" \
        "    add('/../victim')" \
        "    add('other')" \
        "    add('tree/l', tarfile.SYMTYPE, '..'); add('tree/l/../victim')" \
        "    add('tree/d', tarfile.SYMTYPE, '../..'); add('tree/d/victim')" \
        "    add('tree/h', tarfile.LNKTYPE, '../victim'); add('tree/h')"; do
        evil "$code"
        rm -rf here/out/*
        run utmctl file cp -r web:/tmp/tree here/out/tree
        echo "$code: $status $output"
        [ "$status" != 0 ]
        [ "$(cat here/victim)" = safe ]
        [ "$(ls here)" = "$(printf 'out\nvictim')" ]
    done
    evil "    add('tree/s', mode=0o6755); add('tree/n', tarfile.CHRTYPE)"
    utmctl file cp -r web:/tmp/tree here/out
    [ "$(stat -c %a here/out/tree/s)" = 755 ]
    [ ! -e here/out/tree/n ]
}
