# SPDX-License-Identifier: Apache-2.0
# Pictures of a machine's screen, and keys and pointers that reach its guest.
load lib

setup_file() {
    box_open
    machine screen
    utmctl config add screen Display Hardware=VGA
    utmctl config add screen Display Hardware=secondary-vga
    machine blind
    boot screen
}

teardown_file() { box_close; }

# The size in the head of a PNG: "720x400".
png_size() {
    [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
    printf '%dx%d\n' "0x$(od -An -tx1 -j16 -N4 "$1" | tr -d ' ')" \
        "0x$(od -An -tx1 -j20 -N4 "$1" | tr -d ' ')"
}

@test "a screenshot is a picture of the right size with something on it" {
    cd "$BOX"
    run -0 utmctl screenshot screen -o shot.png --json
    [ "$(jq -r .path <<<"$output")" = "$BOX/shot.png" ]
    [ "$(jq -r .format <<<"$output")" = png ]
    [ "$(jq -r .size <<<"$output")" = "$(stat -c %s shot.png)" ]
    [ "$(jq -r .sha256 <<<"$output")" = "$(sha256sum shot.png | cut -d' ' -f1)" ]
    [ "$(jq -r '"\(.width)x\(.height)"' <<<"$output")" = "$(png_size shot.png)" ]
    run -0 utmctl screenshot screen -o shot.ppm
    [ -z "$output" ]
    # The letters of the firmware and of the kernel are there: not all pixels are the same.
    [ "$(tail -c +16 shot.ppm | od -An -v -tx1 -w3 | sort -u | wc -l)" -gt 1 ]
    run -0 head -c 2 shot.ppm
    [ "$output" = P6 ]
}

@test "a screenshot goes to standard output, a pipe or a new file" {
    mkdir "$BOX/new"
    cd "$BOX/new"
    run -0 utmctl screenshot screen
    png_size "$output"
    [[ "$output" == screen-*.png ]]
    run -0 utmctl screenshot screen --format ppm
    [[ "$output" == screen-*.ppm ]]
    [ "$(utmctl screenshot screen -o - --format ppm | head -c 2)" = P6 ]
    mkfifo pipe
    head -c 2 pipe >begin &
    utmctl screenshot screen -o pipe --format ppm || true
    wait $!
    [ "$(cat begin)" = P6 ]
    [ -p pipe ]
    echo old >target
    ln -s target link
    run -0 utmctl screenshot screen -o link
    [ -L link ]
    png_size target
}

@test "each display is a screen of its own" {
    run -0 utmctl screenshot screen --display 1 -o "$BOX/second.png" --json
    [ "$(jq -r .format <<<"$output")" = png ]
    png_size "$BOX/second.png"
    run -4 --separate-stderr utmctl screenshot screen --display 2 -o "$BOX/third.png"
    [ -z "$output" ]
    [[ "$stderr" == *'VM "screen"'*'no display 2'* ]]
    [ ! -e "$BOX/third.png" ]
    run -2 utmctl screenshot screen --display -1
    run -2 utmctl screenshot screen --display x
}

@test "many screenshots leave no descriptor behind" {
    local pid before
    pid=$(field screen pid)
    before=$(ls "/proc/$pid/fd" | wc -l)
    for _ in $(seq 20); do
        utmctl screenshot screen -o "$BOX/shot.png"
    done
    [ "$(ls "/proc/$pid/fd" | wc -l)" -le "$before" ]
    run -0 utmctl qmp screen query-fdsets
    [ "$(jq length <<<"$output")" = 0 ]
}

@test "what a screenshot cannot do is said before anything is written" {
    run -2 utmctl screenshot screen -o - --json
    run -2 utmctl screenshot screen --format gif
    run -2 utmctl screenshot screen -o ''
    run -4 utmctl screenshot screen -o "$BOX/nosuch/x.png"
    run -1 utmctl screenshot screen -o /dev/full
    [ -c /dev/full ]
    run -4 utmctl screenshot nosuch
    run -5 --separate-stderr utmctl screenshot blind -o "$BOX/blind.png"
    [[ "$stderr" == *'VM "blind"'*'not running'* ]]
    run -0 utmctl start --accel tcg blind
    run -7 --separate-stderr utmctl screenshot blind -o "$BOX/blind.png"
    [[ "$stderr" == *'no display'*'utmctl attach'* ]]
    [ ! -e "$BOX/blind.png" ]
}

# typed TEXT OPTION...: what a program at the guest's own console reads when a text is typed there.
typed() {
    local text=$1
    shift
    guest screen "rm -f /tmp/text; (stty raw -echo; exec dd bs=1 count=${#text} of=/tmp/text) \
        </dev/tty1 >/dev/null 2>&1 & echo \$! >/tmp/text.pid
        until ls -l /proc/\$!/fd | grep -q /tmp/text; do sleep 0.05; done"
    utmctl type screen "$@"
    guest screen 'while kill -0 $(cat /tmp/text.pid) 2>/dev/null; do sleep 0.05; done; cat /tmp/text'
}

# Before all others that press keys: those would wait at that console.
@test "a typed text arrives whole" {
    local text
    text=$(printf 'The quick brown fox: ~`!@#$%%^&*()_+-={}[]|\\:;"<>,.?/ 0123456789 %0100d' 7)
    run -0 typed "$text" "$text"
    [ "$output" = "$text" ]
    run -0 typed "$text" - <<<"$text"
    [ "$output" = "$text" ]
}

# heard N COMMAND...: the first N things that happen at the guest's keyboard while a command is run:
# key codes of Linux, those of keys that are let go with a minus.
heard() {
    local file=/tmp/keys count=$1
    shift
    # Each comes with its scan code and an end mark.
    guest screen "rm -f $file; dd if=/dev/input/event0 of=$file bs=24 count=$((3 * count)) 2>&1 &
        echo \$! >$file.pid; until ls -l /proc/\$!/fd | grep -q event0; do :; done"
    "$@"
    # struct input_event: two longs for the time, then type, code and value
    guest screen "while kill -0 \$(cat $file.pid) 2>/dev/null; do sleep 0.05; done
        hexdump -v -s 16 -e '2/2 \"%d \" 1/4 \" %d\" 16/1 \"\" \"\\n\"' $file" |
        awk '$1 == 1 { printf "%s%s ", $3 == 0 ? "-" : "", $2 }'
}

@test "keys arrive in the guest in order, together where they are joined" {
    run -0 heard 12 utmctl sendkey screen f1 ctrl-shift-a Enter win
    [ "$output" = "59 -59 29 42 30 -30 -42 -29 28 -28 125 -125 " ]
    run -0 heard 2 utmctl sendkey screen --hold 100ms pgup
    [ "$output" = "104 -104 " ]
}

@test "a key that there is not is refused with the nearest, before any is pressed" {
    run -2 --separate-stderr utmctl sendkey screen a ctrl-alt-delet
    [ -z "$output" ]
    [[ "$stderr" == *'no key "delet"'* ]]
    [[ "$stderr" == *'hint: did you mean "delete"'* ]]
    run -2 utmctl sendkey screen
    run -2 utmctl sendkey screen ctrl-
    run -2 utmctl sendkey screen ''
    run -2 utmctl sendkey screen a-a
    run -2 utmctl sendkey screen --hold 0 a
    run -4 utmctl sendkey nosuch a
}

@test "another layout presses other keys" {
    # y where Z is on a US keyboard, @ with AltGr and Q, then e with a dead accent
    run -0 heard 10 utmctl type screen --layout de 'z@é'
    [ "$output" = "21 -21 100 16 -16 -100 13 -13 18 -18 " ]
}

@test "what cannot be typed is named before anything is typed" {
    run -2 --separate-stderr utmctl type screen $'ok\nfün'
    [ -z "$output" ]
    [[ "$stderr" == *'"ü" (U+00FC, line 2, character 2)'* ]]
    [[ "$stderr" == *'hint: --layout de'* ]]
    run -2 utmctl type screen $'bell\a'
    run -2 utmctl type screen --layout xx a
    run -2 utmctl type screen
    run -2 utmctl type screen $'\xff'
    run -4 utmctl type nosuch a
    head -c 70000 /dev/zero | tr '\0' x >"$BOX/long"
    run -2 utmctl type screen - <"$BOX/long"
    run -2 utmctl type screen - </dev/zero
}

@test "a machine that stands still takes no keys" {
    run -0 utmctl pause screen
    run -5 --separate-stderr utmctl sendkey screen a
    [[ "$stderr" == *'VM "screen"'*paused*'utmctl resume'* ]]
    run -5 utmctl type screen a
    run -0 utmctl screenshot screen -o "$BOX/paused.png"
    run -0 utmctl resume screen
    run -0 utmctl sendkey screen a
    machine off
    run -5 utmctl sendkey off a
    run -5 utmctl type off a
}

@test "a pointer is moved, pressed and turned" {
    machine pointer
    utmctl config add pointer Display Hardware=VGA
    utmctl config set pointer Input.UsbBusSupport=2.0
    run -0 utmctl start --accel tcg pointer
    run -0 utmctl mouse pointer move 0 0
    run -0 utmctl mouse pointer click
    run -0 utmctl mouse pointer click right
    run -0 utmctl mouse pointer drag 100 50
    run -0 utmctl mouse pointer scroll 2
    run -0 utmctl mouse pointer scroll up
    run -0 utmctl mouse pointer scroll left 2
    run -2 utmctl mouse pointer drag 0 100000
    run -2 --separate-stderr utmctl mouse pointer move 100000 0
    [ -z "$output" ]
    [[ "$stderr" == *'VM "pointer"'*'no pixel 100000,0: the screen has '* ]]
    run -0 utmctl stop --force pointer
    run -5 utmctl mouse pointer click
}

@test "a pointer that cannot be put anywhere says what is missing" {
    run -7 --separate-stderr utmctl mouse screen move 1 1
    [ -z "$output" ]
    [[ "$stderr" == *'no tablet'*'hint: utmctl config set screen Input.UsbBusSupport=2.0'* ]]
    run -7 utmctl mouse screen drag 1 1
    run -0 utmctl mouse screen click
    run -2 utmctl mouse screen move 1
    run -2 utmctl mouse screen move 1 x
    run -2 utmctl mouse screen click nose
    run -2 utmctl mouse screen scroll
    run -2 utmctl mouse screen scroll sideways 3
    run -2 utmctl mouse screen jump
    run -2 utmctl mouse screen
    run -4 utmctl mouse nosuch click
}
