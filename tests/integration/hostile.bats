# SPDX-License-Identifier: Apache-2.0
# Bundles that were made to reach what is not theirs, also when their user has agreed to them.
load lib

setup_file() {
    box_open
    utmctl create --disk 16M --memory 64M bait
    cp "$LIBRARY/bait.utm/config.plist" "$BOX/config.plist"
    PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
    export PORT
}

teardown_file() { box_close; }

setup() { cp "$BOX/config.plist" "$LIBRARY/bait.utm/config.plist"; }

teardown() { utmctl stop --kill bait >/dev/null 2>&1 || true; }

names() {
    UTMCTL=$UTMCTL "$BATS_TEST_DIRNAME/../escapes/names.py" \
        "$BATS_TEST_DIRNAME/../argv/$1/config.plist" "$BOX/$1.utm"
}

# agreed WORD...: start with these additional arguments, which are refused before they are agreed to.
agreed() {
    utmctl config set -q bait "QEMU.AdditionalArguments=$(printf '%s\n' "$@" | jq -R . | jq -cs .)"
    run -9 utmctl start --accel tcg bait
    [[ $output == *"utmctl trust"* ]]
    no_processes
    utmctl trust --yes bait
    run timeout 60 "$UTMCTL" start --accel tcg bait
}

listens() { ss -Hltn "sport = :$PORT" | grep -q .; }

@test "path tricks in every name" {
    run -0 --separate-stderr names drive-boot-files
    [ -z "$output" ]
    [[ $stderr == *tried ]]
    run -0 --separate-stderr names network-forwards
    [ -z "$output" ]
}

@test "an image by any other name is refused before QEMU starts" {
    local name
    for name in ../config.plist /etc/shadow ../../../../../../etc/shadow . .. 'a/../../config.plist'; do
        setup
        python3 - "$LIBRARY/bait.utm/config.plist" "$name" <<'END'
import plistlib, sys
config = plistlib.load(open(sys.argv[1], "rb"))
config["Drive"][0]["ImageName"] = sys.argv[2]
plistlib.dump(config, open(sys.argv[1], "wb"))
END
        run -9 utmctl start --accel tcg bait
        [[ $output == *ImageName* ]]
    done
    no_processes
}

@test "agreed to, and still it does not read the passwords" {
    agreed -drive if=none,id=x,format=raw,readonly=on,file=/etc/shadow
    [ "$status" -eq 1 ]
    [[ $output == *"Permission denied"* ]]
}

@test "agreed to, and still it runs no program" {
    printf '#!/bin/sh\ntouch "%s"\n' "$BOX/ran" >"$BOX/script"
    chmod +x "$BOX/script"
    agreed -netdev "tap,id=x,script=$BOX/script,downscript=no"
    [ "$status" -ne 0 ]
    [ ! -e "$BOX/ran" ]
    agreed -chardev "pipe,id=x,path=$BOX/script"
    [ "$status" -ne 0 ]
    [ ! -e "$BOX/ran" ]
}

@test "agreed to, and still it listens to nobody but this host" {
    agreed -monitor "tcp:0.0.0.0:$PORT,server=on,wait=off"
    [ "$status" -ne 0 ]
    run ! listens
    agreed -monitor "tcp::$PORT,server=on,wait=off"
    [ "$status" -ne 0 ]
    run ! listens
    # It could have.
    utmctl start --accel tcg --no-sandbox bait
    listens
}

@test "agreed to, and still it loads no plugin" {
    cp "$(ldconfig -p | awk '/libm\.so\.6/ { print $NF; exit }')" "$BOX/plugin.so"
    agreed -plugin "$BOX/plugin.so"
    [ "$status" -ne 0 ]
    [[ $output == *"ermission denied"* ]]
}

@test "a forward for others is listened at, as the bundle says" {
    python3 - "$LIBRARY/bait.utm/config.plist" "$PORT" <<'END'
import plistlib, sys
config = plistlib.load(open(sys.argv[1], "rb"))
config["Network"][0]["PortForward"] = [{"Protocol": "TCP", "HostAddress": "0.0.0.0",
    "HostPort": int(sys.argv[2]), "GuestAddress": "", "GuestPort": 22}]
plistlib.dump(config, open(sys.argv[1], "wb"))
END
    utmctl start --accel tcg bait
    listens
}
