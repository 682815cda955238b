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
