#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# list, show, clone, rename and delete.
load helper

setup() {
    setup_home
    make_library
    WEB=$UTMCTL_LIBRARY/web.utm
}

teardown() {
    teardown_home
}

@test "list prints what the macOS tool prints" {
    run3 "$UTMCTL" list
    assert_ok
    [ "$out" = "UUID                                 Status   Name
$UUID_DB stopped  Data Base
$UUID_WEB stopped  web" ] || fail_with "wrong table"
    [ -z "$err" ] || fail_with "expected silence"
    # From the index.
    first=$out
    run3 "$UTMCTL" list --hide -d
    [ "$out" = "$first" ] || fail_with "the second list differs"
}

@test "list as JSON" {
    run3 "$UTMCTL" list --json
    assert_ok
    [ "$(json 'sorted(d[1]) == sorted("uuid name path state backend architecture memory protected suspended".split())')" = True ]
    [ "$(json 'd[1]["uuid"], d[1]["name"], d[1]["state"], d[1]["backend"], d[1]["architecture"], d[1]["memory"], d[1]["protected"]')" = \
        "('$UUID_WEB', 'web', 'stopped', 'QEMU', 'x86_64', 268435456, False)" ] || fail_with "wrong values"
    [ "$(json 'd[1]["path"]')" = "$WEB" ]
}

@test "an empty library is an empty list" {
    export UTMCTL_LIBRARY=$HOME_DIR/nowhere
    run3 "$UTMCTL" list --json
    assert_ok
    [ "$out" = "[]" ]
    assert_error 4 not-found 'no virtual machine "web"' show web
}

@test "a damaged bundle hides no other and is named" {
    mkdir "$UTMCTL_LIBRARY/bad.utm"
    head -c 300 "$WEB/config.plist" >"$UTMCTL_LIBRARY/bad.utm/config.plist"
    run3 "$UTMCTL" list
    assert_ok
    [[ $out == *web && $out != *bad* ]] || fail_with "wrong table"
    [[ $err == "warning: "*bad.utm* ]] || fail_with "expected a warning"
    run3 "$UTMCTL" list --json
    [ "$(json '[("problem" in m) for m in d]')" = "[True, False, False]" ] || fail_with "no problem"
    assert_error 9 invalid "bad" show bad
}

@test "a bundle of a future version is refused" {
    sed -i 's|<key>ConfigurationVersion</key><integer>4|<key>ConfigurationVersion</key><integer>5|' \
        "$WEB/config.plist"
    assert_error 9 invalid "web" show "$WEB"
}

@test "an unknown architecture is refused by key" {
    sed -i 's|<string>x86_64</string>|<string>z80</string>|' "$WEB/config.plist"
    assert_error 9 invalid "System.Architecture" show "$WEB"
}

@test "two machines with one UUID are listed and said" {
    make_bundle "$UTMCTL_LIBRARY/twin.utm" twin "$UUID_WEB"
    run3 "$UTMCTL" list
    assert_ok
    [[ $out == *twin*web ]] || fail_with "both must be listed"
    [[ $err == *"$UUID_WEB is the UUID of more than one machine"* ]] || fail_with "expected a warning"
    assert_error 2 usage "$UTMCTL_LIBRARY/twin.utm" show "$UUID_WEB"
    run3 "$UTMCTL" show twin
    assert_ok
}

@test "show says what an Apple machine has" {
    mkdir "$UTMCTL_LIBRARY/mac.utm"
    sed 's|<key>Display</key>|&<array><dict><key>WidthPixels</key><integer>1280</integer><key>HeightPixels</key><integer>800</integer><key>PixelsPerInch</key><integer>80</integer></dict></array><key>Unused</key>|' \
        "$BATS_TEST_DIRNAME/../argv/apple-linux/config.plist" >"$UTMCTL_LIBRARY/mac.utm/config.plist"
    run3 "$UTMCTL" show Consoles
    assert_ok
    [[ $out == *"Display[0]:"*"1280x800"*"Serial[0]:"*"Terminal"*"Serial[1]:"*"Ptty"* ]] ||
        fail_with "devices are missing"
}

@test "a machine is found by path, UUID, prefix and name" {
    for vm in "$WEB" "$UUID_WEB" "${UUID_WEB,,}" 1111 web WEB; do
        run3 "$UTMCTL" show "$vm"
        assert_ok
        [[ $out == "Name:          web"* ]] || fail_with "not found by $vm"
    done
    cd "$UTMCTL_LIBRARY"
    run3 "$UTMCTL" show web.utm
    assert_ok
    assert_error 4 not-found "111" show 111
    run3 "$UTMCTL" show webb
    [[ $err == *'hint: did you mean "web"?'* ]] || fail_with "expected a near miss"
    assert_error 4 not-found "nothing.utm" show ./nothing.utm
}

@test "show as JSON has every section" {
    run3 "$UTMCTL" show web --json
    assert_ok
    [ "$(json 'd["config"]["system"]["memory_size"], d["config"]["drive"][0]["image_name"]')" = \
        "(268435456, 'disk.img')" ] || fail_with "wrong values"
}

@test "a running machine is shown as such and left alone" {
    fake_running "$UUID_WEB" "$WEB" web
    assert_error 5 wrong-state "it is running" delete web
    assert_error 5 wrong-state "it is running" rename web other
    assert_error 5 wrong-state "it is running" clone web
    [ -f "$WEB/Data/disk.img" ]
    [ "$(ls "$UTMCTL_LIBRARY" | wc -l)" -eq 2 ]
}

@test "clone makes a machine of its own" {
    run3 "$UTMCTL" clone web
    assert_ok
    [ -z "$out" ] || fail_with "expected nothing on standard output"
    run3 "$UTMCTL" show "web 2" --json
    assert_ok
    [ "$(json 'd["uuid"] != "'$UUID_WEB'"')" = True ]
    [ "$(json 'd["config"]["network"][0]["mac_address"] != "52:54:00:12:34:56"')" = True ]
    [ "$(cat "$UTMCTL_LIBRARY/web 2.utm/Data/disk.img")" = disk ]
    run3 "$UTMCTL" clone web --name "a:b" --json
    assert_ok
    [ "$(json 'd["name"], d["path"]')" = "('a:b', '$UTMCTL_LIBRARY/a-b.utm')" ]
    run3 "$UTMCTL" clone web --output "$HOME_DIR/elsewhere.utm"
    assert_ok
    run3 "$UTMCTL" show "$HOME_DIR/elsewhere.utm"
    [[ $out == "Name:          elsewhere"* ]] || fail_with "wrong name"
    [ "$(ls -A "$UTMCTL_LIBRARY" | grep -c '^\.')" -eq 0 ]
}

# legacy_machine: "old", of version 2, with a disk
legacy_machine() {
    mkdir -p "$UTMCTL_LIBRARY/old.utm/Images"
    printf disk >"$UTMCTL_LIBRARY/old.utm/Images/disk-0.img"
    cat >"$UTMCTL_LIBRARY/old.utm/config.plist" <<'PLIST'
<?xml version="1.0" encoding="UTF-8"?>
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
			<key>ImagePath</key><string>disk-0.img</string>
			<key>ImageType</key><string>disk</string>
			<key>InterfaceType</key><string>virtio</string>
		</dict>
	</array>
</dict>
</plist>
PLIST
}

@test "clone of a legacy machine is migrated, the original is not" {
    legacy_machine
    before=$(cd "$UTMCTL_LIBRARY/old.utm" && find . -type f -exec sha256sum {} + | sort)
    assert_error 7 unsupported "migrated first" clone old --linked --name new
    [ ! -e "$UTMCTL_LIBRARY/new.utm" ] || fail_with "a refused clone is there"
    assert_error 7 unsupported "migrated first" rename old older
    run3 "$UTMCTL" rename old older
    [[ $err == *"hint: utmctl config migrate old"* ]] || fail_with "no way out"
    run3 "$UTMCTL" clone old --name new
    assert_ok
    [ "$(cat "$UTMCTL_LIBRARY/new.utm/Data/disk-0.img")" = disk ] || fail_with "the image is lost"
    [ -e "$UTMCTL_LIBRARY/new.utm/config.legacy.plist" ] || fail_with "no backup"
    grep -q ConfigurationVersion "$UTMCTL_LIBRARY/new.utm/config.plist"
    [ "$("$UTMCTL" config get new Drive[0].ImageName)" = disk-0.img ] || fail_with "wrong name"
    [ "$(cd "$UTMCTL_LIBRARY/old.utm" && find . -type f -exec sha256sum {} + | sort)" = "$before" ] ||
        fail_with "the original was changed"
}

@test "a linked clone of a legacy machine, as it was made once" {
    command -v qemu-img >/dev/null || skip "no qemu-img"
    legacy_machine
    "$UTMCTL" clone old --name child -q
    child=$UTMCTL_LIBRARY/child.utm/Data/disk-0.img
    rm "$child"
    qemu-img create -q -u -f qcow2 -F raw -b ../../old.utm/Images/disk-0.img "$child" 1M
    uuid=$("$UTMCTL" config get child Information.UUID)
    cat >"$UTMCTL_LIBRARY/old.utm/utmctl.plist" <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>LinkedClones</key><dict>
<key>$uuid</key><string>$UTMCTL_LIBRARY/child.utm</string></dict></dict></plist>
PLIST
    # Its base stays where it is while it is needed there.
    assert_error 5 wrong-state 'linked clones stand on its disks: "child"' config migrate old
    assert_error 5 wrong-state 'linked clones stand on its disks: "child"' \
        config set old System.MemorySize=256
    [ -e "$UTMCTL_LIBRARY/old.utm/Images/disk-0.img" ]
    # One that was moved already, and how to find it again.
    rm "$UTMCTL_LIBRARY/old.utm/utmctl.plist"
    "$UTMCTL" config migrate old -q
    "$UTMCTL" trust --yes child >/dev/null
    assert_error 4 not-found 'old.utm/Images/disk-0.img", which is not there' start child
    run3 "$UTMCTL" start child
    hint=$(sed -n 's/^hint: .* moved it: //p' <<<"$err")
    eval "$hint"
    [ "$(qemu-img info --output json "$child" | jq -r '."backing-filename"')" = \
        ../../old.utm/Data/disk-0.img ] || fail_with "the way out leads nowhere"
}

@test "clone refuses what is there and bad names" {
    assert_error 5 wrong-state "there is a virtual machine" clone web --name "Data Base"
    assert_error 5 wrong-state "there already" clone web --output "$WEB"
    assert_error 2 usage "slash" clone web --name a/b
    assert_error 2 usage "control character" clone web --name $'a\nb'
    assert_error 2 usage "empty" clone web --name ""
    assert_error 2 usage '".utm"' clone web --output "$HOME_DIR/x"
    [ "$(ls "$UTMCTL_LIBRARY" | wc -l)" -eq 2 ]
}

@test "clone on a full disk leaves nothing" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    mkdir "$HOME_DIR/small"
    mount -t tmpfs -o size=256k none "$HOME_DIR/small" || skip "cannot mount here"
    head -c 1M /dev/urandom >"$WEB/Data/disk.img"
    assert_error 1 failed "No space left" clone web --output "$HOME_DIR/small/web.utm"
    left=$(ls -A "$HOME_DIR/small")
    umount "$HOME_DIR/small"
    [ -z "$left" ] || fail_with "left: $left"
}

@test "rename gives name and folder, and keeps the folder outside the library" {
    run3 "$UTMCTL" rename web "Web Server"
    assert_ok
    [ -d "$UTMCTL_LIBRARY/Web Server.utm" ] && [ ! -e "$WEB" ]
    make_bundle "$HOME_DIR/far.utm" far 33333333-CCCC-4000-8000-000000000003
    run3 "$UTMCTL" rename "$HOME_DIR/far.utm" near
    assert_ok
    run3 "$UTMCTL" show "$HOME_DIR/far.utm"
    [[ $out == "Name:          near"* ]] || fail_with "wrong name"
    assert_error 5 wrong-state "there is a virtual machine" rename "Web Server" "Data Base"
    assert_error 2 usage "control character" rename "Web Server" $'x\x1b[2J'
}

@test "delete does not ask, and takes what is kept about the machine with it" {
    mkdir -p "$XDG_STATE_HOME/utmctl/$UUID_WEB"
    run3 "$UTMCTL" delete web </dev/null
    assert_ok
    [ -z "$out" ] || fail_with "expected nothing on standard output"
    [ ! -e "$WEB" ] && [ ! -e "$XDG_STATE_HOME/utmctl/$UUID_WEB" ]
    [ "$(ls -A "$UTMCTL_LIBRARY")" = "Data Base.utm" ]
}

@test "a disk that cannot be written to is named, and the way out" {
    make_library
    chmod 444 "$UTMCTL_LIBRARY/web.utm/Data/disk.img"
    local as=()
    if [ "$(id -u)" -eq 0 ]; then
        chmod 755 "$HOME_DIR"
        chown -R nobody "$HOME_DIR"
        as=(setpriv --reuid nobody --clear-groups)
    fi
    run3 "${as[@]}" "$UTMCTL" start --accel tcg web
    [ "$status" -ne 7 ] || skip "there is no QEMU"
    [ "$status" -eq 1 ] || fail_with "expected status 1"
    [[ $err == *'disk.img" of drive 0 cannot be written to'*"hint: "*--disposable* ]] ||
        fail_with "expected the image and a hint"
}

@test "delete takes what a killed helper left" {
    make_library
    mkdir -p "$XDG_RUNTIME_DIR/utmctl/$UUID_WEB"
    touch "$XDG_RUNTIME_DIR/utmctl/$UUID_WEB/lock" "$XDG_RUNTIME_DIR/utmctl/$UUID_WEB/qmp"
    run3 "$UTMCTL" delete web
    assert_ok
    [ -z "$(ls -A "$XDG_RUNTIME_DIR/utmctl")" ] || fail_with "expected no folder"
}

@test "delete of what cannot be removed leaves it where it is" {
    make_library
    if [ "$(id -u)" -ne 0 ]; then
        chmod 500 "$UTMCTL_LIBRARY/web.utm/Data" "$UTMCTL_LIBRARY/web.utm"
        run3 "$UTMCTL" delete web
        assert_ok
        skip "only root can give a folder away"
    fi
    chmod 755 "$HOME_DIR" "$UTMCTL_LIBRARY"
    chown nobody "$UTMCTL_LIBRARY"
    chmod 700 "$XDG_RUNTIME_DIR"
    chown nobody "$XDG_RUNTIME_DIR"
    run3 setpriv --reuid nobody --clear-groups "$UTMCTL" delete web
    [ "$status" -eq 1 ] || fail_with "expected status 1"
    [[ $err == *'cannot delete "'*'/web.utm": '*'Permission denied'* ]] || fail_with "expected why"
    [ -s "$UTMCTL_LIBRARY/web.utm/config.plist" ]
    chown -R nobody "$UTMCTL_LIBRARY/web.utm"
    chmod 500 "$UTMCTL_LIBRARY/web.utm/Data" "$UTMCTL_LIBRARY/web.utm"
    run3 setpriv --reuid nobody --clear-groups "$UTMCTL" delete web
    assert_ok
}

@test "delete follows no link and keeps what is not a machine" {
    mkdir "$HOME_DIR/precious"
    touch "$HOME_DIR/precious/file"
    ln -s "$HOME_DIR/precious" "$WEB/Data/link"
    run3 "$UTMCTL" delete web
    assert_ok
    [ -f "$HOME_DIR/precious/file" ]
    assert_error 9 invalid "is not a virtual machine" delete "$HOME_DIR/precious"
    mkdir "$HOME_DIR/empty.utm"
    assert_error 9 invalid "no config.plist" delete "$HOME_DIR/empty.utm"
}

@test "a protected machine is deleted with --force only" {
    cat >"$WEB/utmctl.plist" <<'PLIST'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>Protected</key><true/></dict></plist>
PLIST
    assert_error 5 wrong-state "protected" delete web
    run3 "$UTMCTL" delete web --force
    assert_ok
    [ ! -e "$WEB" ]
}

@test "a dry run changes nothing" {
    before=$(find "$UTMCTL_LIBRARY" | sort)
    for command in "delete web" "rename web other" "clone web"; do
        run3 "$UTMCTL" $command --dry-run
        assert_ok
        [[ $err == would* ]] || fail_with "expected what would be done"
    done
    [ "$(find "$UTMCTL_LIBRARY" | sort)" = "$before" ]
}

@test "Ctrl-C in the middle of a clone leaves nothing" {
    head -c 200M /dev/zero | tr '\0' x >"$WEB/Data/disk.img"
    "$UTMCTL" clone web 2>"$HOME_DIR/err" 3>&- &
    clone=$!
    until compgen -G "$UTMCTL_LIBRARY/.utmctl-*" >/dev/null || ! kill -0 $clone 2>/dev/null; do
        sleep 0.01
    done
    kill -INT $clone || skip "this file system copies too fast"
    status=0
    wait $clone || status=$?
    [ "$status" -ne 0 ] || skip "this file system copies too fast"
    [ "$status" -eq 130 ] || fail_with "expected 130"
    [ "$(ls -A "$UTMCTL_LIBRARY" | wc -l)" -eq 2 ] || fail_with "left: $(ls -A "$UTMCTL_LIBRARY")"
}

@test "the clone of a suspended machine is not suspended, and that is said" {
    cat >"$WEB/utmctl.plist" <<'PLIST'
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Protected</key><true/>
<key>Suspended</key><dict><key>Tag</key><string>suspend</string></dict>
</dict></plist>
PLIST
    run3 "$UTMCTL" list --json
    [ "$(json 'd[1]["suspended"], d[1]["protected"]')" = "(True, True)" ] || fail_with "not shown"
    run3 "$UTMCTL" clone web
    assert_ok
    [[ $err == *"warning: \"web\" is suspended; the clone boots afresh"* ]] || fail_with "not said"
    run3 "$UTMCTL" list --json
    [ "$(json 'd[2]["name"], d[2]["suspended"], d[2]["protected"]')" = "('web 2', False, False)" ] ||
        fail_with "the clone has what was the original's"
}

@test "a machine is not the copy of it that runs under the same UUID" {
    make_bundle "$UTMCTL_LIBRARY/web.utm" web "$UUID_WEB"
    make_bundle "$UTMCTL_LIBRARY/copy.utm" web "$UUID_WEB"
    run3 "$UTMCTL" status web
    [[ $err == *$'\nhint: name it by its path'* ]] || fail_with "expected a hint that helps"
    fake_running "$UUID_WEB" "$UTMCTL_LIBRARY/web.utm" web
    run3 "$UTMCTL" status "$UTMCTL_LIBRARY/copy.utm"
    assert_ok
    [ "$out" = stopped ] || fail_with "expected it to be stopped"
    run3 "$UTMCTL" stop --kill "$UTMCTL_LIBRARY/copy.utm"
    assert_ok
    kill -0 "$FAKE_PID"
    assert_error 5 wrong-state "it is not running" suspend -s "$UTMCTL_LIBRARY/copy.utm"
    assert_error 5 wrong-state "it is not running" attach "$UTMCTL_LIBRARY/copy.utm"
    assert_error 8 locked "$UTMCTL_LIBRARY/web.utm" start "$UTMCTL_LIBRARY/copy.utm"
    kill -0 "$FAKE_PID"
}

@test "a bundle that is in use elsewhere is left alone" {
    command -v flock >/dev/null || skip "flock is not installed"
    make_library
    # As a helper of another user does it, or one with another runtime folder.
    flock -x "$UTMCTL_LIBRARY/web.utm" sh -c "touch '$HOME_DIR/held'; exec sleep 1000" 3>&- &
    local holder=$!
    wait_until test -e "$HOME_DIR/held"
    assert_error 8 locked "is in use" delete web
    assert_error 8 locked "is in use" delete --force web
    assert_error 8 locked "is in use" rename web www
    assert_error 8 locked "is in use" clone web
    assert_error 8 locked "is in use" start web
    pkill -P "$holder"
    wait "$holder" || true
    [ "$(ls -A "$UTMCTL_LIBRARY")" = "$(printf 'Data Base.utm\nweb.utm')" ]
}
