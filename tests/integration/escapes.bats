# SPDX-License-Identifier: Apache-2.0
# A QEMU that its guest has taken over gets nowhere; the same QEMU without a sandbox would.
load lib

setup_file() {
    box_open
    mkdir -p "$HOME/.ssh"
    echo "a private key" >"$HOME/.ssh/id_ed25519"
    mkdir "$BOX/share"
    utmctl create --disk 16M --memory 64M --network none --share "$BOX/share" taken
    utmctl create --disk 16M --memory 64M --network none other
    utmctl start --accel tcg other
    # Files to aim at.
    echo '<plist version="1.0"><dict/></plist>' >"$LIBRARY/taken.utm/utmctl.plist"
    mkdir -p "$(state_dir taken)"
    echo '{}' >"$(state_dir taken)/trust.json"
}

teardown_file() { box_close; }

teardown() { utmctl stop --kill taken >/dev/null 2>&1 || true; }

# escapes NAME: leaves what the machine "taken" reaches in NAME.reached, and why not the rest in
# NAME.log. Its last escape is the end of it.
escapes() {
    mkdir "$BOX/$1"
    ln -sfn "$BOX/$1/secret" "$BOX/share/link"
    timeout 120 "$BATS_TEST_DIRNAME/../escapes/try.py" taken other "$BOX/share" "$BOX/$1" \
        >"$BOX/$1.reached" 2>"$BOX/$1.log" || { cat "$BOX/$1.log" >&2 && return 1; }
    cat "$BOX/$1.log"
}

# tried NAME: how many escapes there were.
tried() { grep -cE '^[a-z-]+: ' "$BOX/$1.log"; }

@test "nothing is reached out of the sandbox" {
    utmctl start --accel tcg taken
    [ "$(field taken sandbox)" = landlock ] || skip "this kernel has no Landlock"
    escapes landlock
    [ "$(tried landlock)" -ge 30 ]
    [ ! -s "$BOX/landlock.reached" ]
}

@test "nothing is reached out of bubblewrap, where there is no Landlock" {
    "$WITHOUT_LANDLOCK" "$UTMCTL" start --accel tcg taken
    [ "$(field taken sandbox)" = bubblewrap ] || skip "bubblewrap is not installed or does not work"
    # Few emulators, which it looks at one by one.
    mkdir "$BOX/few"
    ln -s "$(command -v bwrap)" "$BOX/few"
    run "$WITHOUT_LANDLOCK" env "PATH=$BOX/few" "$UTMCTL" doctor
    [[ $output == *'landlock: none; '*'bwrap takes its place'* ]]
    escapes bubblewrap
    [ "$(tried bubblewrap)" -ge 30 ]
    [ ! -s "$BOX/bubblewrap.reached" ]
}

@test "the same without a sandbox shows that they could" {
    utmctl start --accel tcg --no-sandbox taken
    escapes none
    # All but those that QEMU itself keeps from starting programs, and what nobody may here.
    [ "$(wc -l <"$BOX/none.reached")" -ge 30 ]
}

@test "without Landlock and bubblewrap that is said once" {
    needs_namespaces
    mkdir "$BOX/bin"
    ln -s "$(command -v qemu-system-x86_64)" "$(command -v qemu-img)" "$BOX/bin"
    local without=("$WITHOUT_LANDLOCK" env "PATH=$BOX/bin" "$UTMCTL")
    run -0 --separate-stderr "${without[@]}" start --accel tcg taken
    [[ $stderr == *"this kernel has no Landlock"* ]]
    [ "$(field taken sandbox)" = 'this kernel has no Landlock' ]
    utmctl stop --kill taken
    run -0 --separate-stderr "${without[@]}" start --accel tcg taken
    [[ $stderr != *Landlock* ]]
    utmctl stop --kill taken
    run "${without[@]}" doctor
    [[ $output == *'landlock: not available'*bubblewrap* ]]
}
