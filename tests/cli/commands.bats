#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is true of every command, and of the program as a whole.
load helper

setup() {
    setup_home
    mapfile -t COMMANDS < <("$UTMCTL" help --names)
}

teardown() {
    teardown_home
}

@test "the help is on standard output and the same in both forms" {
    for command in "${COMMANDS[@]}"; do
        run3 "$UTMCTL" help $command
        assert_ok
        [ -z "$err" ] || fail_with "help $command: expected silence"
        [[ $out == "Usage: utmctl $command"* ]] || fail_with "help $command: no synopsis"
        first=$out
        run3 "$UTMCTL" $command --help
        assert_ok
        [ "$out" = "$first" ] || fail_with "$command --help differs from help $command"
    done
    run3 "$UTMCTL" -h $command
    [ "$out" = "$first" ] || fail_with "-h $command differs from help $command"
}

@test "an unknown option is a usage error of every command" {
    for command in "${COMMANDS[@]}"; do
        assert_error 2 usage 'unknown option "--no-such-option"' $command --no-such-option
        [[ $err == *'"hint"'* ]] || fail_with "$command: no hint"
    done
}

# Commands that need an argument say which; the others are not run here.
@test "a missing argument is named" {
    run3 "$UTMCTL" help --json
    assert_ok
    mapfile -t needy < <(json '"\n".join(c["name"] for c in d if any(not a["optional"] for a in c.get("arguments", [])))')
    [ "${#needy[@]}" -ge 5 ]
    for command in "${needy[@]}"; do
        assert_error 2 usage "is missing" "$command"
    done
    assert_error 2 usage "unexpected argument" version surplus
}

# Those that run a program have the statuses of a shell.
@test "an unknown machine is exit 4 of every command that takes one" {
    make_library
    run3 "$UTMCTL" help --json
    mapfile -t ones < <(json '"\n".join(c["name"] for c in d if [a["kind"] for a in c.get("arguments", []) if not a["optional"]] == ["vm"] and c["name"] not in ("run", "try"))')
    [ "${#ones[@]}" -ge 5 ]
    for command in "${ones[@]}"; do
        assert_error 4 not-found 'no virtual machine "wbb"' "$command" wbb
        [[ $err == *"hint"* ]] || fail_with "$command: no hint"
    done
}

@test "options of every command are accepted before and after it" {
    run3 "$UTMCTL" --json --hide -qd version
    assert_ok
    [ "$(json 'len(d["version"]) > 0')" = True ]
    run3 "$UTMCTL" version --hide --debug --color=never --format table -v
    assert_ok
    assert_error 2 usage "is not one of table, json" version --format xml
    assert_error 2 usage "takes no value" version --quiet=3
    assert_error 2 usage "needs a value" version --format
}

@test "an unknown command is a usage error with the nearest names" {
    assert_error 2 usage '"lits" is not a command' lits
    run3 "$UTMCTL" versoin
    [[ $err == *'hint: did you mean "version"?'* ]] || fail_with "no near miss"
    assert_error 2 usage "is not a command" help lits
    assert_error 2 usage "unknown option" --no-such-option
}

@test "without words the help is shown" {
    run3 "$UTMCTL"
    assert_ok
    first=$out
    run3 "$UTMCTL" --help
    [ "$out" = "$first" ]
    run3 "$UTMCTL" help
    [ "$out" = "$first" ]
    run3 "$UTMCTL" --version
    assert_ok
    [[ $out =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail_with "not a version"
}

@test "a program on the search path becomes a command" {
    mkdir "$HOME_DIR/bin"
    printf '#!/bin/sh\necho "foo got $*"\nexit 7\n' >"$HOME_DIR/bin/utmctl-foo"
    chmod +x "$HOME_DIR/bin/utmctl-foo"
    PATH=$HOME_DIR/bin:$PATH run3 "$UTMCTL" foo --bar "a b"
    [ "$status" -eq 7 ] && [ "$out" = "foo got --bar a b" ] || fail_with "not run"
}

@test "a full disk is exit 1" {
    run3 bash -c '"$UTMCTL" help >/dev/full'
    [ "$status" -eq 1 ] || fail_with "expected 1"
    [[ $err == *"No space left on device"* ]] || fail_with "the cause is not named"
    run3 bash -c '"$UTMCTL" help >&-'
    [ "$status" -eq 1 ] || fail_with "expected 1"
}

@test "a reader that goes away is no error message" {
    run3 bash -c '"$UTMCTL" help --json | head -1'
    assert_ok
    [ -z "$err" ] || fail_with "expected silence"
}

@test "colours only where they are wanted" {
    run3 "$UTMCTL" nope
    [[ $err != *$'\x1b'* ]] || fail_with "colour without a terminal"
    run3 "$UTMCTL" --color always nope
    [[ $err == *$'\x1b'* ]] || fail_with "--color is not obeyed"
    CLICOLOR_FORCE=1 run3 "$UTMCTL" nope
    [[ $err == *$'\x1b'* ]] || fail_with "CLICOLOR_FORCE is not obeyed"
    CLICOLOR_FORCE=1 NO_COLOR=1 run3 "$UTMCTL" nope
    [[ $err != *$'\x1b'* ]] || fail_with "NO_COLOR is not obeyed"
}

@test "what comes from a bundle cannot drive the terminal" {
    run3 "$UTMCTL" show $'\x1b[2Jx'
    [ "$status" -eq 4 ]
    [[ $err == *'\x1b[2Jx'* && $err != *$'\x1b'* ]] || fail_with "not escaped"
}

@test "help, manual and completion name the same options" {
    local folder=$HOME_DIR/said
    mkdir "$folder"
    "$UTMCTL" help --json >"$folder/all"
    for command in "${COMMANDS[@]}"; do
        "$UTMCTL" $command --help >"$folder/$command.help"
        "$UTMCTL" __complete bash -- $command -- >"$folder/$command.completed"
        [[ $command == *" "* ]] || "$UTMCTL" help --scdoc $command >"$folder/$command.manual"
    done
    python3 - "$folder" <<'PY' >"$HOME_DIR/count"
import json, os, re, sys

count = 0

def read(name):
    with open(os.path.join(sys.argv[1], name)) as file:
        return file.read()

def look(prefix, commands):
    global count
    for command in commands:
        name = prefix + command["name"]
        if "commands" in command:
            look(name + " ", command["commands"])
            continue
        options = sorted("--" + option["name"] for option in command["options"])
        shown = re.findall(r"^  (?:-., )?(--[a-z0-9-]+)", read(name + ".help"), re.M)
        assert sorted(shown) == options, (name, "the help has other options", shown)
        # A word that swallows the rest is no option, but can be completed.
        completed = {line.split("\t")[0] for line in read(name + ".completed").splitlines()}
        assert completed >= set(options), (name, "completion lacks options", completed)
        if " " not in name:
            manual = read(name + ".manual")
            assert all(option in manual for option in options), (name, "the manual lacks options")
        count += 1

look("", json.loads(read("all")))
print(count)
PY
    # All but those that only group others.
    [ "$(cat "$HOME_DIR/count")" -gt $((${#COMMANDS[@]} * 3 / 4)) ]
}

@test "every manual page is accepted by scdoc" {
    command -v scdoc >/dev/null || skip "scdoc is missing"
    sh "$BATS_TEST_DIRNAME/../../man/make-pages.sh" "$UTMCTL" scdoc \
        "$BATS_TEST_DIRNAME/../../man" "$HOME_DIR/pages"
    [ -s "$HOME_DIR/pages/utmctl.1" ] && [ -s "$HOME_DIR/pages/utmctl-list.1" ]
    # Prose without a command would never be shown.
    for prose in "$BATS_TEST_DIRNAME"/../../man/*.1.scd; do
        name=$(basename "$prose" .1.scd)
        [ -s "$HOME_DIR/pages/$name.1" ] || fail_with "no command for $prose"
    done
}

@test "completion knows commands, machines, choices and options" {
    make_library
    run3 "$UTMCTL" __complete zsh -- sho
    [[ $out == "show"$'\t'* ]] || fail_with "no command"
    run3 "$UTMCTL" __complete zsh -- show "Data"
    [ "$out" = "Data Base"$'\t'"$UUID_DB" ] || fail_with "no machine"
    run3 "$UTMCTL" __complete zsh -- list --format=j
    [ "$out" = "--format=json"$'\t' ] || fail_with "no choice"
    run3 "$UTMCTL" __complete bash -- list --format = j
    [ "$out" = "json"$'\t' ] || fail_with "no choice for bash"
}

@test "completion knows the keys of a machine and what they can be" {
    make_library
    run3 "$UTMCTL" __complete zsh -- config get "Data Base" System.Arch
    [[ $out == "System.Architecture"$'\t'* ]] || fail_with "no key"
    run3 "$UTMCTL" __complete zsh -- config set "Data Base" System.Arch
    [[ $out == "System.Architecture="$'\t'* ]] || fail_with "no assignment"
    run3 "$UTMCTL" __complete zsh -- config set "Data Base" System.Architecture=riscv
    [ "$out" = "System.Architecture=riscv32"$'\t'$'\n'"System.Architecture=riscv64"$'\t' ] ||
        fail_with "no values"
    run3 "$UTMCTL" __complete bash -- config set "Data Base" QEMU.UEFIBoot = t
    [ "$out" = "true"$'\t' ] || fail_with "no value for bash"
    run3 "$UTMCTL" __complete zsh -- config add "Data Base" Dri
    [[ $out == "Drive"$'\t'* ]] || fail_with "no list"
    run3 "$UTMCTL" __complete zsh -- config add "Data Base" Drive ImageType=c
    [ "$out" = "ImageType=CD"$'\t' ] || fail_with "no member"
    run3 "$UTMCTL" __complete zsh -- config describe Drive[].Inter
    [[ $out == "Drive[].Interface"$'\t'* ]] || fail_with "no key of the format"
    run3 "$UTMCTL" __complete zsh -- config get nosuch Sys
    [ -z "$out" ] || fail_with "keys of no machine"
}

@test "the bash completion completes" {
    make_library
    cat >"$HOME_DIR/try" <<'SCRIPT'
source <("$UTMCTL" completion bash)
COMP_WORDS=("$UTMCTL" show Da)
COMP_CWORD=2
_utmctl
echo "${COMPREPLY[*]}"
SCRIPT
    run3 bash "$HOME_DIR/try"
    [ "$out" = 'Data\ Base' ] || fail_with "not completed"
    run3 "$UTMCTL" completion tcsh
    [ "$status" -eq 2 ] || fail_with "expected 2"
}

@test "no library of the viewer is loaded" {
    run3 ldd "$UTMCTL"
    assert_ok
    [[ $out == *libglib* ]]
    ! grep -E 'libspice|libSDL|libgst|libpixman' <<<"$out" || fail_with "utmctl must start fast"
}
