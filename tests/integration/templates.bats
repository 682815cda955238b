#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Machines made from every template that ships without files start, as far as their firmware.

load lib.bash

setup() { box_open; }
teardown() { box_close; }

# A QEMU that is not installed is no reason to fail: the template says what is missing.
need_qemu() { command -v "qemu-system-$1" >/dev/null || skip "qemu-system-$1 is not installed"; }

# starts TEMPLATE: made, started, still running a moment later.
starts() {
    utmctl create box --quiet --template "$1"
    utmctl start --quiet --accel tcg box
    wait_until 20 in_state box started
}

says() { strings "$1" | grep -q "$2"; }

# prints TEMPLATE WORDS: the firmware says them on the serial console.
prints() {
    starts "$1"
    wait_until 90 says "$(serial_log box)" "$2"
    in_state box started
}

# The screen has something on it: many dots that are not the colour of its corner.
is_drawn() {
    utmctl screenshot --quiet box --output "$BOX/screen.ppm" || return 1
    python3 - "$BOX/screen.ppm" <<'END'
import re, sys
data = open(sys.argv[1], "rb").read()
pixels = data[re.match(rb"P6\s+\d+\s+\d+\s+\d+\s", data).end():]
drawn = sum(pixels[i:i + 3] != pixels[:3] for i in range(0, len(pixels), 3))
sys.exit(drawn < 200)
END
}

# draws TEMPLATE: the firmware shows something on the screen.
draws() {
    starts "$1"
    wait_until 90 is_drawn
    in_state box started
}

@test "minimal" {
    need_qemu x86_64
    prints minimal SeaBIOS
}

@test "linux-x86_64" {
    need_qemu x86_64
    prints linux-x86_64 BdsDxe
}

@test "linux-aarch64" {
    need_qemu aarch64
    prints linux-aarch64 "UEFI"
}

@test "linux-riscv64" {
    need_qemu riscv64
    prints linux-riscv64 "OpenSBI\|UEFI"
}

@test "freebsd" {
    need_qemu x86_64
    prints freebsd BdsDxe
}

@test "windows-11" {
    need_qemu x86_64
    command -v swtpm >/dev/null || skip "swtpm is not installed"
    draws windows-11
    utmctl argv box | grep -q tpm-tis
}

@test "haiku" {
    need_qemu x86_64
    draws haiku
}

@test "freedos" {
    need_qemu i386
    draws freedos
}

@test "macos-9" {
    need_qemu ppc
    draws macos-9
}
