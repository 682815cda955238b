#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config and its verbs.
load helper

setup() {
    setup_home
    make_library
    WEB=$UTMCTL_LIBRARY/web.utm
}

teardown() {
    teardown_home
}

# unchanged: web's configuration is what it was at setup.
unchanged() {
    make_bundle "$HOME_DIR/web.utm" web "$UUID_WEB"
    cmp "$HOME_DIR/web.utm/config.plist" "$WEB/config.plist" || fail_with "config.plist was changed"
}

get() {
    "$UTMCTL" config get web "$1"
}

@test "get prints one value alone, groups and several as pairs" {
    run3 "$UTMCTL" config get web System.MemorySize
    assert_ok
    [ "$out" = 256 ] || fail_with "wrong value"
    run3 "$UTMCTL" config get web System.MemorySize Drive[0].Interface
    [ "$out" = "System.MemorySize=256
Drive[0].Interface=VirtIO" ] || fail_with "wrong pairs"
    run3 "$UTMCTL" config get web Network
    [[ $out == "Network[0].Mode=Shared"* ]] || fail_with "wrong group"
    run3 "$UTMCTL" config get web Information.Notes
    assert_ok
    [ -z "$out" ] || fail_with "expected nothing for what is not set"
    run3 "$UTMCTL" config get web System QEMU.AdditionalArguments Information.Notes --json
    assert_ok
    [ "$(json 'd["System.MemorySize"], d["System.ForceMulticore"], d["QEMU.AdditionalArguments"], d["Information.Notes"]')" = \
        "(256, False, [], None)" ] || fail_with "wrong types"
}

@test "list has every value, and can be given to set" {
    run3 "$UTMCTL" config list web
    assert_ok
    [[ $out == "Backend=QEMU"*"Drive[0].ImageName=disk.img"*"Protected=false" ]] || fail_with "wrong list"
    run3 "$UTMCTL" config list web --json
    [ "$(json 'd["Input.MaximumUsbShare"], d["Protected"]')" = "(3, False)" ] || fail_with "wrong types"
}

@test "set changes all values or none, and says what it did" {
    run3 "$UTMCTL" config set web System.MemorySize=1G Drive[0].interface=NVMe
    [ "$status" -eq 4 ] || fail_with "expected 4"
    unchanged
    run3 "$UTMCTL" config set web System.MemorySize=1G Drive[0].Interface=nvme Information.Notes=$'two\nlines'
    assert_ok
    [ -z "$out" ] || fail_with "expected nothing on standard output"
    [[ $err == *"System.MemorySize=1024 (was 256)"* ]] || fail_with "not said"
    [ "$(get System.MemorySize) $(get Drive[0].Interface)" = "1024 NVMe" ] || fail_with "not set"
    [ "$(get Information.Notes)" = $'two\nlines' ] || fail_with "wrong notes"
    run3 "$UTMCTL" config set web System.MemorySize=2048 --json
    [ "$(json 'd["name"], d["changes"]')" = \
        "('web', [{'key': 'System.MemorySize', 'before': '1024', 'after': '2048'}])" ] || fail_with "wrong JSON"
    run3 "$UTMCTL" config set web System.MemorySize=2048
    assert_ok
    [ "$err" = "nothing to change" ] || fail_with "expected nothing to change"
}

@test "a key that UTM added later survives" {
    sed -i 's|<key>Sound</key>|<key>FutureKey</key><string>kept</string><key>Sound</key>|' "$WEB/config.plist"
    run3 "$UTMCTL" config set web System.CPUCount=4
    assert_ok
    grep -q FutureKey "$WEB/config.plist"
}

@test "set refuses what is wrong and names what is near" {
    assert_error 2 usage '"virti" is not one of' config set web Drive[0].Interface=virti
    run3 "$UTMCTL" config set web Drive[0].Interface=virti
    [[ $err == *'hint: did you mean "VirtIO"?'* ]] || fail_with "expected a near miss"
    assert_error 4 not-found '"System.MemorySiz" does not exist' config set web System.MemorySiz=1
    run3 "$UTMCTL" config get web MemorySize
    [[ $err == *'hint: did you mean "System.MemorySize"?'* ]] || fail_with "expected a near miss"
    assert_error 4 not-found "no such element" config set web Drive[7].ReadOnly=true
    assert_error 2 usage "range" config set web System.CPUCount=99999
    assert_error 2 usage "group of keys" config set web Network[0].PortForward=1
    assert_error 2 usage "neither true nor false" config set web QEMU.TPMDevice=perhaps
    assert_error 2 usage "plain file name" config set web Drive[0].ImageName=../../etc/passwd
    assert_error 2 usage "not for changing" config set web Backend=Apple
    assert_error 2 usage "not a UUID" config set web Information.UUID=1
    assert_error 2 usage "slash" config set web Information.Name=a/b
    assert_error 2 usage "KEY=VALUE" config set web System.MemorySize
    assert_error 2 usage "KEY=VALUE is missing" config set web
    assert_error 4 not-found "nobody" config set nobody System.MemorySize=1
    unchanged
}

@test "what QEMU would refuse needs --force, what was wrong before does not" {
    run3 "$UTMCTL" config add web Network
    assert_ok
    assert_error 2 usage "is there twice" config set web Network[1].MacAddress=52:54:00:12:34:56
    run3 "$UTMCTL" config set web Network[1].MacAddress=52:54:00:12:34:56 --force
    assert_ok
    run3 "$UTMCTL" config set web System.CPUCount=3
    assert_ok
    run3 "$UTMCTL" config validate web
    [ "$status" -eq 9 ] || fail_with "expected 9"
    [[ $out == "Network[1].MacAddress: "*"is there twice"* ]] || fail_with "not said"
}

@test "unset gives base values and removes optional ones" {
    run3 "$UTMCTL" config set web Information.Notes=x
    run3 "$UTMCTL" config unset web Information.Notes System.MemorySize Serial[0].Terminal
    assert_ok
    [ "$(get Information.Notes)$(get System.MemorySize)" = 512 ] || fail_with "not unset"
    assert_error 2 usage "every machine" config unset web Information.UUID
    assert_error 4 not-found "does not exist" config unset web Nothing
}

@test "add and remove elements of lists" {
    run3 "$UTMCTL" config add web Drive ImageType=CD Interface=USB
    assert_ok
    [ "$(get Drive[1].Interface) $(get Drive[1].ReadOnly)" = "USB true" ] || fail_with "wrong drive"
    [ ${#err} -gt 0 ]
    run3 "$UTMCTL" config add web Network[0].PortForward HostPort=2222 GuestPort=22
    assert_ok
    [ "$(get Network[0].PortForward[0].Protocol)" = TCP ]
    run3 "$UTMCTL" config add web QEMU.AdditionalArguments -- -append console=ttyS0
    assert_ok
    run3 "$UTMCTL" config get web QEMU.AdditionalArguments --json
    [ "$(json 'd["QEMU.AdditionalArguments"]')" = "['-append', 'console=ttyS0']" ] || fail_with "wrong list"
    run3 "$UTMCTL" config remove web QEMU.AdditionalArguments[0] QEMU.AdditionalArguments[1] Network[0].PortForward[0] Drive[1]
    assert_ok
    [ "$(get QEMU.AdditionalArguments)" = "[]" ] || fail_with "not removed"
    assert_error 4 not-found "does not exist" config add web Drives
    assert_error 2 usage "not a list" config add web System.MemorySize
    assert_error 4 not-found "no such element" config remove web Drive[5]
    assert_error 2 usage "one element" config remove web Drive
    [ "$(ls "$WEB/Data")" = disk.img ]
}

@test "the image of a removed drive is kept out of Data, and comes back" {
    run3 "$UTMCTL" config remove web Drive[0]
    assert_ok
    [[ $err == *'"disk.img" is kept as "Unused/disk.img"'* ]] || fail_with "not said"
    [ ! -e "$WEB/Data/disk.img" ] && [ "$(cat "$WEB/Unused/disk.img")" = disk ]
    run3 "$UTMCTL" config add web Drive ImageType=Disk ImageName=disk.img
    assert_ok
    [ "$(cat "$WEB/Data/disk.img")" = disk ] && [ ! -e "$WEB/Unused" ]
    run3 "$UTMCTL" config set web Drive[0].ImageName=other.img
    assert_ok
    [[ $err == *'no file "other.img"'* ]] || fail_with "expected a warning"
    [ -f "$WEB/Unused/disk.img" ]
}

@test "an image is deleted only with --delete-image and a yes" {
    assert_error 2 usage "--yes" config remove web Drive[0] --delete-image --no-input
    [ -f "$WEB/Data/disk.img" ]
    run3 "$UTMCTL" config remove web Drive[0] --delete-image --dry-run
    assert_ok
    [ -f "$WEB/Data/disk.img" ]
    unchanged
    run3 "$UTMCTL" config remove web Drive[0] --delete-image --yes
    assert_ok
    [ ! -e "$WEB/Data/disk.img" ] && [ ! -e "$WEB/Unused" ]
}

@test "protect and Protected" {
    run3 "$UTMCTL" config set web --protect
    assert_ok
    [ "$(get Protected)" = true ]
    assert_error 5 wrong-state "protected" delete web
    run3 "$UTMCTL" config set web Protected=false
    [ "$(get Protected)" = false ]
    assert_error 2 usage "exclude" config set web --protect --no-protect
    assert_error 2 usage "neither true nor false" config set web Protected=maybe
    unchanged
}

@test "a running machine is refused where QEMU could not follow" {
    fake_running "$UUID_WEB" "$WEB" web
    assert_error 5 wrong-state "it is running" config set web System.MemorySize=1G
    run3 "$UTMCTL" config set web System.MemorySize=1G
    [[ $err == *"hint: "*"--force"* ]] || fail_with "expected a hint"
    assert_error 5 wrong-state "it is running" config remove web Drive[0]
    unchanged
    run3 "$UTMCTL" config set web Information.Notes=hello Serial[0].Terminal.FontSize=14 --protect
    assert_ok
    run3 "$UTMCTL" config remove web Drive[0] --force
    assert_ok
    [ -f "$WEB/Data/disk.img" ] || fail_with "an image that QEMU has open was moved"
}

@test "edit checks what the editor leaves" {
    export EDITOR='sed -i s/256/384/' VISUAL=
    run3 "$UTMCTL" config edit web
    assert_ok
    [ "$(get System.MemorySize)" = 384 ] || fail_with "not saved"
    EDITOR=true run3 "$UTMCTL" config edit web
    [ "$err" = "nothing to change" ] || fail_with "expected nothing to change"
    cp "$WEB/config.plist" "$HOME_DIR/before"
    export TMPDIR=$HOME_DIR
    EDITOR='sed -i s/VirtIO/VirtI/' assert_error 9 invalid 'Drive[0].Interface' config edit web </dev/null
    EDITOR='sed -i "s,</dict>,,"' assert_error 9 invalid "config.plist: line" config edit web </dev/null
    EDITOR='sed -i s/VirtIO/VirtI/' run3 "$UTMCTL" config edit web </dev/null
    kept=$(sed -n 's/^hint: what you wrote is in //p' <<<"$err")
    grep -q 'VirtI<' "$kept" || fail_with "what was written is lost"
    EDITOR=false assert_error 1 failed "nothing was changed" config edit web
    EDITOR= assert_error 2 usage "no terminal" config edit web </dev/null
    cmp "$HOME_DIR/before" "$WEB/config.plist"
}

@test "a machine with wrong values is repaired by set, all of them at once" {
    local plist=$UTMCTL_LIBRARY/web.utm/config.plist
    sed -i 's/VirtIO/VirtI/; s,\(<key>Backend</key>\),<key>NewKey</key><string>kept</string>\1,' "$plist"
    assert_error 9 invalid 'Drive[0].Interface' show web
    assert_error 9 invalid 'something else is wrong, too: Drive[0].Interface' \
        config set web System.MemorySize=300
    cp "$plist" "$HOME_DIR/before"
    run3 "$UTMCTL" config set web Drive[0].Interface=IDE --dry-run
    [ "$status" = 0 ] && cmp "$plist" "$HOME_DIR/before" || fail_with "a dry run changed it"
    run3 "$UTMCTL" config set web Drive[0].Interface=IDE
    [ "$status" = 0 ] || fail_with "not repaired"
    [ "$("$UTMCTL" config get web Drive[0].Interface)" = IDE ] || fail_with "not set"
    grep -q NewKey "$plist" || fail_with "an unknown key was lost"

    # What was unreadable may be given the value that a new machine has, or be removed.
    sed -i 's/>IDE</>IDEE</' "$plist"
    run3 "$UTMCTL" config remove web Drive[0]
    [ "$status" = 0 ] || fail_with "not removed"
    run3 "$UTMCTL" show web
    [ "$status" = 0 ] || fail_with "still damaged"
}

@test "edit repairs what nothing else opens" {
    local plist=$UTMCTL_LIBRARY/web.utm/config.plist
    cp "$plist" "$HOME_DIR/good"
    echo '<plist><dict><key>' >"$plist"
    cp "$plist" "$HOME_DIR/broken"
    export TMPDIR=$HOME_DIR
    EDITOR=true assert_error 9 invalid "config.plist: line" config edit "$UTMCTL_LIBRARY/web.utm" </dev/null
    cmp "$plist" "$HOME_DIR/broken" || fail_with "it was changed"
    EDITOR="cp '$HOME_DIR/good'" run3 "$UTMCTL" config edit "$UTMCTL_LIBRARY/web.utm" </dev/null
    [ "$status" = 0 ] || fail_with "not repaired"
    cmp "$plist" "$HOME_DIR/good" || fail_with "not as it was typed"
    # Values that cannot be read are there to be seen, not replaced.
    sed -i 's/VirtIO/VirtI/' "$plist"
    EDITOR='sed -i s/VirtI/NVMe/' run3 "$UTMCTL" config edit web </dev/null
    [ "$("$UTMCTL" config get web Drive[0].Interface)" = NVMe ] || fail_with "not edited"
}

@test "edit notices what somebody else saved meanwhile" {
    cat >"$HOME_DIR/editor" <<EOF
#!/bin/sh
"$UTMCTL" config set web System.CPUCount=7 2>/dev/null
sed -i s/256/384/ "\$1"
EOF
    chmod +x "$HOME_DIR/editor"
    export TMPDIR=$HOME_DIR
    VISUAL=$HOME_DIR/editor run3 "$UTMCTL" config edit web </dev/null
    [ "$status" -eq 5 ] || fail_with "expected 5"
    [[ $err == *"meanwhile"* ]] || fail_with "not said"
    [ "$(get System.CPUCount) $(get System.MemorySize)" = "7 256" ] || fail_with "overwritten"
}

@test "validate says everything at once" {
    run3 "$UTMCTL" config validate web
    assert_ok
    [ -z "$out" ] || fail_with "expected nothing"
    sed -i -e 's|<string>VirtIO</string>|<string>Floppy Drive</string>|' \
        -e 's|<integer>256</integer>|<string>__MEMORY__</string>|' "$WEB/config.plist"
    run3 "$UTMCTL" config validate web
    [ "$status" -eq 9 ] || fail_with "expected 9"
    [[ $out == *'Drive[0].Interface (line '*'"Floppy Drive" is not one of'* ]] || fail_with "one is missing"
    [[ $out == *'System.MemorySize (line '*'a string where an integer is needed'* ]] || fail_with "one is missing"
    run3 "$UTMCTL" config validate web --json
    [ "$status" -eq 9 ] || fail_with "expected 9"
    [ "$(json 'sorted((p["key"], p["severity"]) for p in d)')" = \
        "[('Drive[0].Interface', 'fatal'), ('System.MemorySize', 'fatal')]" ] || fail_with "wrong JSON"
}

@test "validate finds missing files and names strangers" {
    mv "$WEB/Data/disk.img" "$WEB/Data/stranger.img"
    run3 "$UTMCTL" config validate web
    [ "$status" -eq 9 ] || fail_with "expected 9"
    [[ $out == *'"disk.img" is no file'* ]] || fail_with "not said"
    [[ $err == *'warning: no key speaks of "stranger.img"'* ]] || fail_with "not said"
}

@test "diff shows what is different" {
    run3 "$UTMCTL" config diff web "Data Base"
    assert_ok
    [[ $out == "- Information.Name=web
+ Information.Name=Data Base"* ]] || fail_with "wrong difference"
    run3 "$UTMCTL" config diff web "Data Base" --exit-code --json
    [ "$status" -eq 1 ] || fail_with "expected 1"
    [ "$(json 'd[0]')" = "{'key': 'Information.Name', 'a': 'web', 'b': 'Data Base'}" ] || fail_with "wrong JSON"
    run3 "$UTMCTL" config diff web "$WEB" --exit-code
    assert_ok
    [ -z "$out" ] || fail_with "expected no difference"
}

@test "describe explains every key" {
    run3 "$UTMCTL" config describe
    assert_ok
    [[ $out == *"System.MemorySize"*"512"*"Memory in MiB"* ]] || fail_with "a key is missing"
    run3 "$UTMCTL" config describe 'Drive[0].Interface' --json
    assert_ok
    [ "$(json 'd["key"], d["values"][1], d["default"]')" = "('Drive[].Interface', 'IDE', 'None')" ] ||
        fail_with "wrong JSON"
    for backend in qemu apple; do
        run3 "$UTMCTL" config describe --backend $backend --json
        assert_ok
        [ "$(json 'all(k["help"] and k["since"] and k["type"] for k in d) and len(d) > 40')" = True ] ||
            fail_with "a key is not explained"
    done
    assert_error 4 not-found '"Driv.Interface" does not exist' config describe Driv.Interface
    assert_error 2 usage "architecture" config describe System.Target --arch z80
}

@test "a legacy bundle is migrated on demand and on the first change" {
    mkdir -p "$UTMCTL_LIBRARY/old.utm/Images"
    printf disk >"$UTMCTL_LIBRARY/old.utm/Images/disk-0.qcow2"
    printf stray >"$UTMCTL_LIBRARY/old.utm/Images/stray.img"
    cat >"$UTMCTL_LIBRARY/old.utm/config.plist" <<'PLIST'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>ConfigurationVersion</key><integer>2</integer>
	<key>System</key>
	<dict>
		<key>Architecture</key><string>x86_64</string>
		<key>Target</key><string>q35</string>
		<key>Memory</key><integer>512</integer>
	</dict>
	<key>Drives</key>
	<array>
		<dict>
			<key>DriveName</key><string>drive0</string>
			<key>ImagePath</key><string>disk-0.qcow2</string>
			<key>ImageType</key><string>disk</string>
			<key>InterfaceType</key><string>virtio</string>
		</dict>
	</array>
</dict>
</plist>
PLIST
    cp -r "$UTMCTL_LIBRARY/old.utm" "$UTMCTL_LIBRARY/older.utm"
    run3 "$UTMCTL" config migrate old --dry-run --json
    assert_ok
    [ "$(json 'd["migrated"], d["config"]["System.MemorySize"], d["moves"][-1]')" = \
        "(False, 512, {'from': 'Images', 'to': 'Data'})" ] || fail_with "wrong plan"
    [ -f "$UTMCTL_LIBRARY/old.utm/Images/disk-0.qcow2" ] || fail_with "a dry run moved something"
    run3 "$UTMCTL" config migrate old
    assert_ok
    [ "$(cat "$UTMCTL_LIBRARY/old.utm/Data/disk-0.qcow2")" = disk ]
    [ "$(cat "$UTMCTL_LIBRARY/old.utm/Unused/stray.img")" = stray ]
    [ -f "$UTMCTL_LIBRARY/old.utm/config.legacy.plist" ]
    run3 "$UTMCTL" config migrate old
    assert_ok
    [[ $err == *"version 4 already"* ]] || fail_with "not said"
    run3 "$UTMCTL" config set older System.MemorySize=1024
    assert_ok
    [[ $err == *"migrated to version 4"* ]] || fail_with "not said"
    [ "$("$UTMCTL" config get older System.MemorySize)" = 1024 ]
    [ -f "$UTMCTL_LIBRARY/older.utm/Data/disk-0.qcow2" ]
}

@test "a suspended machine keeps the hardware of its saved state" {
    command -v qemu-img >/dev/null || skip "qemu-img is not installed"
    qemu-img create -q -f qcow2 "$WEB/Data/disk.img" 1M
    qemu-img snapshot -c suspend "$WEB/Data/disk.img"
    cat >"$WEB/utmctl.plist" <<'PLIST'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Suspended</key><dict><key>Tag</key><string>suspend</string></dict>
</dict></plist>
PLIST
    assert_error 5 wrong-state "it is suspended" config set web System.MemorySize=1G
    unchanged
    run3 "$UTMCTL" config set web Information.Notes=hello
    assert_ok
    run3 "$UTMCTL" config set web System.MemorySize=1G --force
    assert_ok
    [ "$(get System.MemorySize)" = 1024 ]
}
