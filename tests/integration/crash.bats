# SPDX-License-Identifier: Apache-2.0
# Guests that crash: what is said of it, and the black box that is left.
load lib

setup() { box_open; }
teardown() { box_close; }

# crashing NAME BYTES [ARGUMENT...]: a machine whose boot sector writes "BYE" and then runs BYTES.
crashing() {
    local name=$1 bytes=$2
    shift 2
    # cli; no segments; a stack; int 0x10 writes to the screen.
    printf '\xfa\x31\xc0\x8e\xd8\x8e\xd0\xbc\x00\x7c' >"$BOX/boot"
    printf '\xb8\x42\x0e\xcd\x10\xb8\x59\x0e\xcd\x10\xb8\x45\x0e\xcd\x10' >>"$BOX/boot"
    printf "$bytes" >>"$BOX/boot"
    truncate -s 510 "$BOX/boot"
    printf '\x55\xaa' >>"$BOX/boot"
    truncate -s 1M "$BOX/boot"
    utmctl create "$name" --image "$BOX/boot" --memory 64M --cpus 1 --network none >/dev/null
    utmctl config set "$name" QEMU.UEFIBoot=false Display[0].Hardware=VGA >/dev/null
    [ $# = 0 ] || arguments "$name" "$@"
}

arguments() {
    local name=$1 argument
    shift
    for argument in "$@"; do
        utmctl config add "$name" QEMU.AdditionalArguments -- "$argument" >/dev/null
    done
    utmctl trust --yes "$name" >/dev/null
}

# lidt of six zeros below it, int3: nothing handles that, nor that nothing handles it.
FAULT='\x0f\x01\x1e\x1f\x7c\xcc\x00\x00\x00\x00\x00\x00'
# A byte to a port, and then nothing any more.
PANIC='\xba\x05\x05\xb0\x01\xee\xf4\xeb\xfd'
BARK='\xba\x43\x04\xb0\x0f\xee\xf4\xeb\xfd'

is_png() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ]; }
exit_of() { jq -r ".$2" "$(state_dir "$1")/last-exit.json"; }

@test "a guest that resets itself by triple faults all the time" {
    crashing boom "$FAULT"
    utmctl start --accel tcg boom
    twice() { [ "$(field boom triple_faults)" -ge 2 ]; }
    wait_until 30 twice
    in_state boom started
    [ "$(field boom resets)" -ge 2 ]
    run -0 --separate-stderr utmctl logs boom --last-words
    [[ $output == "Not ended:"*"its guest has reset it "*" triple fault"* ]]
    run -124 --separate-stderr utmctl wait boom agent --timeout 300ms
    [[ $stderr == *"the guest has reset the machine "*" triple fault"* ]]
    # The registers of the first ones are kept, those of the firmware's own resets are not.
    many() { [ "$(field boom triple_faults)" -ge 6 ]; }
    wait_until 60 many
    tidy() { [ "$(grep -c '^Triple fault' "$(state_dir boom)/qemu.log")" = 4 ]; }
    wait_until 10 tidy
    grep -q 'EIP=00007c1e' "$(state_dir boom)/qemu.log"
    ! grep -q XMM "$(state_dir boom)/qemu.log"
    utmctl stop --kill boom
    [ "$(exit_of boom reason)" = killed ]
    [ "$(exit_of boom triple_faults)" -ge 6 ]
    utmctl logs boom -s events | grep x-utm-triple-fault | grep -q '"address":"0x7c1e"'
}

@test "a triple fault that ends the machine is the reason of its end" {
    crashing boom "$FAULT" -no-reboot
    utmctl start --accel tcg boom
    wait_until 30 in_state boom stopped
    [ "$(utmctl status --json boom | jq -r .last_exit.reason)" = triple-fault ]
    run -0 utmctl logs boom --last-words
    [[ $output == "Ended:"*"the guest has reset the machine by a triple fault"* ]]
}

@test "a panic that a device tells of ends the machine, and the last screen is kept" {
    crashing panic "$PANIC" -device pvpanic
    utmctl start --accel tcg panic
    wait_until 30 in_state panic stopped
    [ "$(exit_of panic reason)" = guest-panic ]
    run -0 utmctl logs panic --last-words --json
    is_png "$(jq -r '.screens[-1].path' <<<"$output")"
    [[ $(jq -r '.screens[-1].path' <<<"$output") == *Z-panic.png ]]
    [ "$(jq -r '.screens[-1].age < 5' <<<"$output")" = true ]
    # It stays with the logs of its run.
    utmctl start --accel tcg --paused panic
    run -0 utmctl logs panic --last-words --run 1
    [[ $output == "Ended:"*"the guest has panicked"*"Screens:"*"screens.1/"*"-panic.png (0 s before the end)"*"x-utm-exit"* ]]
}

@test "a watchdog that barks leaves a picture and resets the machine" {
    crashing dog "$BARK" -device ib700
    utmctl start --accel tcg dog
    barked() { ls "$(state_dir dog)/screens/"*-watchdog.png && [ "$(field dog resets)" -ge 1 ]; }
    wait_until 30 barked
    # It barks again and again, and pauses each time.
    wait_until 30 in_state dog started
    utmctl logs dog -s events | grep -q '"event":"WATCHDOG"'
    utmctl stop --kill dog
}

@test "who says what is to become of a guest that panics gets that" {
    crashing calm "$PANIC" -device pvpanic -action panic=none
    utmctl start --accel tcg calm
    told() { utmctl logs calm -s events | grep -q GUEST_PANICKED; }
    wait_until 30 told
    in_state calm started
    utmctl stop --force calm
    [ "$(exit_of calm reason)" = host-qmp-quit ]
    # After an end that was wanted no picture is kept.
    [ ! -e "$(state_dir calm)/screens" ]
}
