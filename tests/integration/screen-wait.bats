# SPDX-License-Identifier: Apache-2.0
# Waiting for what a screen shows, and pointers that arrive in the guest.
load lib

setup_file() {
    box_open
    machine screen
    utmctl config add screen Display Hardware=VGA
    utmctl config add screen Display Hardware=secondary-vga
    utmctl config set screen Input.UsbBusSupport=2.0
    boot screen
    # Pointers need drivers, which the guest loads only when it is asked to.
    guest screen 'modprobe -a uhci_hcd ehci_pci xhci_pci usbhid hid_generic evdev
        until grep -q Tablet /proc/bus/input/devices; do usleep 50000; done'
}

teardown_file() { box_close; }

# Letters on the eleventh line of the first screen, below which a cursor blinks. The demo's kernel
# has no driver for it, but it is still the text that the firmware had there: letters and colours.
show() {
    guest screen "printf '%-80s' '$1' | sed 's/./&\x07/g' |
        dd of=/dev/mem bs=160 seek=$((0xb8000 / 160 + 11)) conv=notrunc 2>/dev/null"
}

@test "a screen that stands still is waited for, in spite of a blinking cursor" {
    show ready
    run -0 utmctl screen wait screen --stable 1s --timeout 60s --json
    [ "$(jq -r '"\(.width)x\(.height)"' <<<"$output")" = 720x400 ]
    jq -e '.elapsed >= 1 and .elapsed < 40' <<<"$output"
    run -0 utmctl screen wait screen --stable 0 --display 1
    [ -z "$output" ]
}

@test "a screen that moves ends in a time-out that names the last picture" {
    guest screen '(while :; do for letter in A B C D; do
            yes $letter | head -n 200 | tr -d "\n" | dd of=/dev/mem bs=200 seek=3775 conv=notrunc
            usleep 20000
        done; done) >/dev/null 2>&1 & echo $! >/tmp/noise'
    run -124 --separate-stderr utmctl screen wait screen --stable 1s --timeout 2s
    # Something else than whatever the last picture has.
    guest screen 'kill $(cat /tmp/noise)
        yes Z | head -n 200 | tr -d "\n" | dd of=/dev/mem bs=200 seek=3775 conv=notrunc 2>/dev/null'
    [ -z "$output" ]
    [[ "$stderr" == *'VM "screen"'*'the screen still moves; the last screenshot is "'*'"'* ]]
    local path=${stderr##*last screenshot is \"}
    path=${path%%\"*}
    [ "$(head -c 8 "$path" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
    # The picture is a reference like any other.
    run -0 utmctl screen wait screen --stable 500ms
    run -0 utmctl screenshot screen -o "$BOX/again.png"
    run -0 utmctl screen wait screen --image "$BOX/again.png" --timeout 60s
    run -124 utmctl screen wait screen --image "$path" --tolerance 0 --timeout 200ms
}

@test "a screen is waited for until it shows a picture" {
    show 'the picture that is waited for'
    run -0 utmctl screen wait screen --stable 500ms
    run -0 utmctl screenshot screen -o "$BOX/goal.ppm"
    run -0 utmctl screenshot screen -o "$BOX/goal.png"
    show 'something else in the first line'
    run -124 --separate-stderr utmctl screen wait screen --image "$BOX/goal.png" --timeout 300ms
    [[ "$stderr" == *'the screen differs in 0.'*'% of its pixels, within '*' at '* ]]
    # All may differ.
    run -0 utmctl screen wait screen --image "$BOX/goal.png" --tolerance 100% --timeout 300ms
    utmctl screen wait screen --image "$BOX/goal.png" --timeout 60s &
    local waiting=$!
    show 'the picture that is waited for'
    wait $waiting
    run -0 utmctl screen wait screen --image "$BOX/goal.ppm" --stable 300ms --timeout 60s
}

@test "a reference of another size is told from one that differs" {
    printf 'P6 1 1 255\nabc' >"$BOX/small.ppm"
    run -124 --separate-stderr utmctl screen wait screen --image "$BOX/small.ppm" --timeout 100ms
    [[ "$stderr" == *'the screen has 720x400, the reference 1x1'* ]]
}

@test "what cannot be waited for is said at once" {
    run -2 --separate-stderr utmctl screen wait screen
    [[ "$stderr" == *'--stable or --image'* ]]
    run -2 utmctl screen wait screen --stable 1s --tolerance much
    run -2 utmctl screen wait screen --stable 1s --tolerance 101
    run -2 utmctl screen wait screen --stable 1s --display -1
    run -2 utmctl screen
    run -4 --separate-stderr utmctl screen wait screen --image "$BOX/nosuch.png"
    [[ "$stderr" == *nosuch.png* ]]
    echo text >"$BOX/text.png"
    run -9 --separate-stderr utmctl screen wait screen --image "$BOX/text.png"
    [[ "$stderr" == *text.png*'neither PNG nor PPM'* ]]
    run -4 utmctl screen wait screen --stable 1s --display 2
    run -4 utmctl screen wait nosuch --stable 1s
    machine blind
    run -5 utmctl screen wait blind --stable 1s
    run -0 utmctl start --accel tcg blind
    run -7 --separate-stderr utmctl screen wait blind --stable 1s
    [[ "$stderr" == *'no display'*'utmctl attach'* ]]
}

# pointed COMMAND...: what the guest hears of its tablet while a command is run, as TYPE:CODE:VALUE
# of Linux. A click of the middle button, which is left out, marks the end.
pointed() {
    local file=/tmp/pointer
    guest screen "rm -f $file
        n=\$(sed -n '/Tablet/,/Handlers/s/.*\\(event[0-9]*\\).*/\\1/p' /proc/bus/input/devices)
        (exec dd if=/dev/input/\$n of=$file bs=24) >/dev/null 2>&1 & echo \$! >$file.pid
        until ls -l /proc/\$!/fd | grep -q /dev/input; do usleep 20000; done"
    "$@"
    utmctl mouse screen click middle
    # struct input_event: two longs for the time, then type, code and value
    guest screen "until hexdump -v -s 16 -e '2/2 \"%d:\" 1/4 \"%d\" 16/1 \"\" \"\\n\"' $file |
            grep -q '^1:274:0'; do usleep 20000; done
        kill \$(cat $file.pid)
        hexdump -v -s 16 -e '2/2 \"%d:\" 1/4 \"%d\" 16/1 \"\" \"\\n\"' $file" |
        grep -v -e ^0: -e ^4: -e :274: | tr '\n' ' '
}

# pixel SIZE VALUE: which pixel a guest makes of what the tablet says.
pixel() { echo $(($2 * $1 / 32768)); }

@test "a pointer arrives in the guest, to the pixel" {
    local x y
    for place in '0 0' '719 399' '123 45'; do
        read -r x y <<<"$place"
        run -0 pointed utmctl mouse screen move "$x" "$y"
        # Linux tells of an axis only when it changes.
        for event in $output; do
            case $event in
                3:0:*) [ "$(pixel 720 "${event##*:}")" = "$x" ] ;;
                3:1:*) [ "$(pixel 400 "${event##*:}")" = "$y" ] ;;
                *) false ;;
            esac
        done
    done
    [ "$(wc -w <<<"$output")" = 2 ]
}

@test "buttons and the wheel arrive in the guest" {
    run -0 pointed utmctl mouse screen click
    [ "$output" = "1:272:1 1:272:0 " ]
    run -0 pointed utmctl mouse screen click right
    [ "$output" = "1:273:1 1:273:0 " ]
    run -0 pointed utmctl mouse screen scroll up 2
    [ "$(tr ' ' '\n' <<<"$output" | grep -c '^2:8:1$')" = 2 ]
    run -0 pointed utmctl mouse screen scroll 1
    [[ " $output" == *' 2:8:-1 '* ]]
    utmctl mouse screen move 10 10
    run -0 pointed utmctl mouse screen drag 200 100
    [[ "$output" == '1:272:1 '*3:0:*3:1:*' 1:272:0 ' ]]
}

@test "a pointer is moved on another display, as far as that is large" {
    utmctl screenshot screen --display 1 --format ppm -o "$BOX/second.ppm"
    local width height
    read -r width height < <(sed -n 2p "$BOX/second.ppm")
    run -0 pointed utmctl mouse screen move --display 1 $((width - 1)) 0
    [[ "$output" == *3:0:* ]]
    local value=${output#*3:0:}
    [ "$(pixel "$width" "${value%% *}")" = $((width - 1)) ]
    run -2 --separate-stderr utmctl mouse screen move --display 1 "$width" 0
    [[ "$stderr" == *"the screen has ${width}x$height"* ]]
    run -0 pointed utmctl mouse screen --display 1 click
    [ "$output" = "1:272:1 1:272:0 " ]
    run -4 utmctl mouse screen move --display 2 0 0
    run -2 utmctl mouse screen click --display -1
}
