#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# import and export.
load helper

setup() {
    setup_home
    make_library
    WEB=$UTMCTL_LIBRARY/web.utm
    OUT=$HOME_DIR/box
    mkdir "$OUT"
}

teardown() {
    [ -z "${SERVER_PID-}" ] || kill "$SERVER_PID"
    teardown_home
}

# nothing_left: the library holds what it held at setup, hidden files included.
nothing_left() {
    [ "$(ls -A "$UTMCTL_LIBRARY")" = "Data Base.utm
web.utm" ] || fail_with "left: $(ls -A "$UTMCTL_LIBRARY")"
}

need() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# make_archive FILE KIND: a tar with a machine and one more entry that is malicious.
make_archive() {
    python3 - "$1" "$2" "$WEB/config.plist" <<'PY'
import io, sys, tarfile, zipfile
path, kind, config = sys.argv[1], sys.argv[2], open(sys.argv[3], "rb").read()
if path.endswith(".zip"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("x.utm/config.plist", config)
        if kind == "climbs":
            z.writestr("../climbed", "x")
        if kind == "link":
            info = zipfile.ZipInfo("x.utm/Data/link")
            info.external_attr = 0o120777 << 16
            z.writestr(info, "/etc/passwd")
        if kind == "bomb":
            with z.open("x.utm/Data/disk.img", "w", force_zip64=True) as f:
                for _ in range(560):
                    f.write(bytes(1 << 20))
        if kind == "mac":
            z.writestr("__MACOSX/x.utm/._config.plist", "x")
            z.writestr("x.utm/.DS_Store", "x")
    sys.exit()
entries = {
    "climbs": dict(name="x.utm/../../climbed"),
    "absolute": dict(name="/tmp/utmctl-absolute"),
    "link": dict(name="x.utm/Data/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "hard": dict(name="x.utm/Data/link", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
    "device": dict(name="x.utm/Data/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    "pipe": dict(name="x.utm/Data/pipe", type=tarfile.FIFOTYPE),
    "control": dict(name="x.utm/Data/a\x1b[2J"),
    "twice": dict(name="x.utm/config.plist"),
    "two": dict(name="y.utm/config.plist"),
    "deep": dict(name="x.utm/" + "d/" * 40 + "f"),
}
with tarfile.open(path, "w") as t:
    def add(data=b"", name="", **fields):
        info = tarfile.TarInfo(name)
        for key, value in fields.items():
            setattr(info, key, value)
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
    if kind == "none":
        add(b"x", "file")
    elif kind == "many":
        add(config, "x.utm/config.plist")
        for i in range(5001):
            add(b"", f"x.utm/Data/{i}")
    elif kind == "bundle-bad":
        add(config[:300], "x.utm/config.plist")
    else:
        add(config, "x.utm/config.plist")
        entry = entries[kind]
        add(config if "config" in entry["name"] else b"", **entry)
PY
}

@test "every format goes out and comes in without loss" {
    truncate -s 3M "$WEB/Data/disk.img"
    printf middle >>"$WEB/Data/disk.img"
    truncate -s 6M "$WEB/Data/disk.img"
    "$UTMCTL" config set web --protect Information.Notes=hello -q
    for format in zip tar tar.gz tar.zst tar.xz dir; do
        run3 "$UTMCTL" export web -o "$OUT/a.$format" --format $format --json
        assert_ok
        [ "$(json 'd["format"], d["path"]')" = "('$format', '$OUT/a.$format')" ] || fail_with "wrong JSON"
    done
    mv "$OUT/a.dir" "$OUT/a.utm"
    "$UTMCTL" delete web --force -q
    for file in a.zip a.tar a.tar.gz a.tar.zst a.tar.xz a.utm; do
        run3 "$UTMCTL" import "$OUT/$file" --json
        assert_ok
        [ "$(json 'd["uuid"], d["name"], d["path"]')" = "('$UUID_WEB', 'web', '$WEB')" ] || fail_with "wrong JSON"
        diff -r "$OUT/a.utm" "$WEB" || fail_with "$file lost something"
        [ "$("$UTMCTL" config get web Protected)" = true ]
        "$UTMCTL" delete web --force -q
    done
}

@test "the ending says the format, a folder gets the machine's name" {
    "$UTMCTL" rename web "a:b" -q
    cd "$OUT"
    run3 "$UTMCTL" export a:b
    assert_ok
    [ "$err" = "exported \"a:b\" to $OUT/a-b.utm.zip" ] || fail_with "wrong words"
    [ -z "$out" ] || fail_with "expected nothing on standard output"
    run3 "$UTMCTL" export a:b -o x.tgz
    assert_ok
    [ "$(head -c 2 x.tgz | od -An -tx1)" = " 1f 8b" ] || fail_with "not gzip"
    assert_error 5 wrong-state "is there already" export a:b
    run3 "$UTMCTL" export a:b --force
    assert_ok
    assert_error 4 not-found "no folder" export a:b -o "$OUT/nowhere/x.zip"
    assert_error 2 usage '"rar" is not one of' export a:b --format rar
    [ "$(ls -A "$OUT" | wc -l)" -eq 2 ]
}

@test "an archive goes through a pipe" {
    "$UTMCTL" export web -o - --format tar.zst -q >"$OUT/piped"
    "$UTMCTL" delete web -q
    run3 "$UTMCTL" import - <"$OUT/piped"
    assert_ok
    [ "$(cat "$WEB/Data/disk.img")" = disk ]
    run3 "$UTMCTL" export web -o - --json
    [ "$status" -eq 2 ] && [ -z "$out" ] && [[ $err == *"cannot take both"* ]] || fail_with "expected a refusal"
}

@test "export says what it does not carry" {
    mkdir -p "$XDG_STATE_HOME/utmctl/$UUID_WEB"
    echo '{"00000000-0000-4000-8000-0000000000D1":"/isos/debian.iso"}' >"$XDG_STATE_HOME/utmctl/$UUID_WEB/media.json"
    echo '{"path":"/home/me/shared"}' >"$XDG_STATE_HOME/utmctl/$UUID_WEB/share.json"
    chmod -R go= "$XDG_STATE_HOME"
    run3 "$UTMCTL" export web -o "$OUT/w.zip" --json
    assert_ok
    [[ $(json 'd["not_carried"]') == *"/isos/debian.iso"* ]] || fail_with "the medium is not named"
    [[ $err == *"warning: "*"/isos/debian.iso"* ]] || fail_with "the medium is not named"
}

@test "a running machine is not exported or imported, but its script is" {
    fake_running "$UUID_WEB" "$WEB" web
    assert_error 5 wrong-state "it is running" export web -o "$OUT/w.zip"
    assert_error 5 wrong-state "it is running" import "$WEB"
    [ -z "$(ls -A "$OUT")" ]
    run3 "$UTMCTL" export web -o "$OUT/w.sh"
    [ "$status" -eq 0 ] || [ "$status" -eq 7 ] || fail_with "expected a script, or no QEMU"
}

@test "a script starts QEMU without utmctl" {
    need qemu-system-x86_64
    run3 "$UTMCTL" export web -o "$OUT/web.sh"
    assert_ok
    sh -n "$OUT/web.sh"
    mkdir "$HOME_DIR/bin"
    sed 's|^[^ ]*qemu-system-x86_64|"$QEMU"|' "$OUT/web.sh" >"$OUT/stub.sh"
    printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$HOME_DIR/bin/qemu"
    chmod +x "$HOME_DIR/bin/qemu"
    QEMU=$HOME_DIR/bin/qemu run3 sh "$OUT/stub.sh" -more
    assert_ok
    [[ $out == *"file.filename=$WEB/Data/disk.img"* ]] || fail_with "the disk is not there"
    [[ $out == *"-more" ]] || fail_with "arguments are not passed on"
    [[ $out != *$'\n'-S$'\n'* ]] || fail_with "it would never begin"
    run3 "$UTMCTL" export web --format script -o -
    [ "$out" = "$(cat "$OUT/web.sh")" ] || fail_with "another script on standard output"
}

@test "a known UUID is replaced, a name that was asked for is not" {
    "$UTMCTL" config set web --protect -q
    run3 "$UTMCTL" export web -o "$OUT/w.zip"
    run3 "$UTMCTL" import "$OUT/w.zip"
    assert_ok
    [[ $err == *"knows UUID $UUID_WEB already"* ]] || fail_with "not said"
    run3 "$UTMCTL" show "web 2" --json
    [ "$(json 'd["uuid"] != "'$UUID_WEB'", d["config"]["network"][0]["mac_address"] != "52:54:00:12:34:56", d["protected"]')" = \
        "(True, True, False)" ] || fail_with "not a machine of its own"
    assert_error 5 wrong-state 'there is a virtual machine "web"' import "$OUT/w.zip" --name web
    assert_error 2 usage "slash" import "$OUT/w.zip" --name a/b
    assert_error 2 usage "one source" import "$OUT/w.zip" "$OUT/w.zip" --name x
    [ "$(ls -A "$UTMCTL_LIBRARY" | wc -l)" -eq 3 ]
}

@test "a folder is copied, or moved" {
    make_bundle "$OUT/far.utm" far 33333333-CCCC-4000-8000-000000000003
    run3 "$UTMCTL" import "$OUT/far.utm" --dry-run
    assert_ok
    nothing_left
    run3 "$UTMCTL" import "$OUT/far.utm"
    assert_ok
    [ -d "$OUT/far.utm" ] && [ -f "$UTMCTL_LIBRARY/far.utm/Data/disk.img" ]
    "$UTMCTL" delete far -q
    run3 "$UTMCTL" import "$OUT/far.utm" --move --name near
    assert_ok
    [ ! -e "$OUT/far.utm" ] && [ -f "$UTMCTL_LIBRARY/near.utm/Data/disk.img" ]
    [ "$("$UTMCTL" config get near Information.UUID)" = 33333333-CCCC-4000-8000-000000000003 ]
    assert_error 5 wrong-state "in the library already" import --move "$UTMCTL_LIBRARY/near.utm"
    "$UTMCTL" delete near -q
    make_bundle "$OUT/far.utm" far 33333333-CCCC-4000-8000-000000000003
    mkdir "$HOME_DIR/shelf"
    run3 "$UTMCTL" import "$OUT/far.utm" --into "$HOME_DIR/shelf"
    assert_ok
    [ -f "$HOME_DIR/shelf/far.utm/config.plist" ]
    assert_error 4 not-found "no folder" import "$OUT/far.utm" --into "$HOME_DIR/nowhere"
    nothing_left
}

@test "a folder with a link that leads out is refused" {
    make_bundle "$OUT/far.utm" far 33333333-CCCC-4000-8000-000000000003
    ln -s /etc/passwd "$OUT/far.utm/Data/link"
    assert_error 9 invalid "leads out of the bundle" import "$OUT/far.utm"
    rm "$OUT/far.utm/Data/link"
    mkfifo "$OUT/far.utm/Data/pipe"
    assert_error 9 invalid "neither a file nor a folder" import "$OUT/far.utm"
    [ -p "$OUT/far.utm/Data/pipe" ]
    nothing_left
}

@test "malicious archives are refused, and nothing is left of them" {
    local kind
    while read -r kind text; do
        make_archive "$OUT/$kind.tar" "$kind"
        assert_error 9 invalid "$text" import "$OUT/$kind.tar"
        nothing_left
    done <<'EOF'
climbs climbs out of its folder
absolute has an absolute name
link is a link
hard is a link
device is a device
pipe is a device, a socket or a pipe
control control characters
twice is there twice
deep lies too deep
many more than 5000 entries
two more than one virtual machine
none no virtual machine
bundle-bad config.plist
EOF
    [ ! -e /tmp/utmctl-absolute ] && [ ! -e "$HOME_DIR/climbed" ]
    for kind in climbs link bomb; do
        make_archive "$OUT/$kind.zip" "$kind"
    done
    assert_error 9 invalid "climbs out of its folder" import "$OUT/climbs.zip"
    assert_error 9 invalid "is a link" import "$OUT/link.zip"
    assert_error 9 invalid "200 times its size" import "$OUT/bomb.zip"
    nothing_left
    run3 "$UTMCTL" import "$OUT/bomb.zip" --max-size 1G
    assert_ok
    [ "$(du -m "$UTMCTL_LIBRARY/web 2.utm/Data/disk.img" | cut -f1)" -lt 100 ] || fail_with "zeros take room"
}

@test "damaged archives are refused" {
    head -c 3000 /dev/urandom >"$OUT/noise"
    printf 'PK\003\004' | cat - "$OUT/noise" >"$OUT/noise.zip"
    "$UTMCTL" export web -o "$OUT/w.tar.xz" -q
    head -c 400 "$OUT/w.tar.xz" >"$OUT/cut.tar.xz"
    assert_error 9 invalid "damaged" import "$OUT/noise.zip"
    assert_error 9 invalid "damaged" import "$OUT/cut.tar.xz"
    assert_error 9 invalid "neither a bundle nor an archive nor an image" import "$OUT/noise"
    : >"$OUT/empty.img"
    assert_error 9 invalid "empty" import "$OUT/empty.img"
    mkdir "$OUT/folder"
    assert_error 9 invalid "no config.plist" import "$OUT/folder"
    assert_error 4 not-found "does not exist" import "$OUT/nothing"
    assert_error 2 usage "only http and https" import ftp://localhost/x.zip
    nothing_left
}

@test "what macOS adds to archives is passed over" {
    make_archive "$OUT/mac.zip" mac
    run3 "$UTMCTL" import "$OUT/mac.zip" --name mac
    assert_ok
    [ "$(ls -A "$UTMCTL_LIBRARY/mac.utm")" = "config.plist
utmctl.plist" ] || [ "$(ls -A "$UTMCTL_LIBRARY/mac.utm")" = config.plist ] || fail_with "it is there"
    [[ $err == *'"disk.img" is no file'* ]] || fail_with "a missing image is not said"
}

@test "a machine is made around an image" {
    need qemu-img
    truncate -s 8M "$OUT/a.img"
    printf marked | dd of="$OUT/a.img" bs=1 seek=4096 conv=notrunc status=none
    for format in qcow2 vmdk vhdx vdi vpc; do
        qemu-img convert -q -O $format "$OUT/a.img" "$OUT/a disk.$format"
        run3 "$UTMCTL" import "$OUT/a disk.$format" --name "my $format"
        assert_ok
        image=$(echo "$UTMCTL_LIBRARY/my $format.utm/Data"/????????-*)
        [[ $image == *.qcow2 ]] || fail_with "not qcow2"
        qemu-img compare -q -f qcow2 -F raw "$image" "$OUT/a.img" ||
            fail_with "not the same"
    done
    run3 "$UTMCTL" import "$OUT/a.img" --raw --arch aarch64 --no-uefi
    assert_ok
    [ "$("$UTMCTL" config get a System.Architecture QEMU.UEFIBoot)" = "System.Architecture=aarch64
QEMU.UEFIBoot=false" ] || fail_with "wrong machine"
    cmp "$OUT/a.img" "$UTMCTL_LIBRARY/a.utm/Data"/*.img
    python3 -c 'd = bytearray(40 * 2048); d[32768:32775] = b"\1CD001\1"
open("'"$OUT"'/cd.iso", "wb").write(d)'
    run3 "$UTMCTL" import "$OUT/cd.iso" --json
    assert_ok
    run3 "$UTMCTL" config get cd Drive --json
    [ "$(json 'd["Drive[0].ImageType"], d["Drive[0].ReadOnly"], d["Drive[1].ImageType"]')" = \
        "('CD', True, 'Disk')" ] || fail_with "wrong drives"
}

@test "a CD of a Macintosh, without ISO 9660, is a CD all the same" {
    truncate -s 81920 "$OUT/mac.toast"
    printf BD | dd of="$OUT/mac.toast" bs=1 seek=1024 conv=notrunc status=none
    run3 "$UTMCTL" import "$OUT/mac.toast" --json
    assert_ok
    run3 "$UTMCTL" config get mac Drive --json
    [ "$(json 'd["Drive[0].ImageType"], d["Drive[0].ReadOnly"]')" = "('CD', True)" ] ||
        fail_with "wrong drives"
    cmp "$OUT/mac.toast" "$UTMCTL_LIBRARY/mac.utm/Data"/*.iso
    echo "<html>not found" >"$OUT/page.iso"
    assert_error 9 invalid "neither a bundle" import "$OUT/page.iso"
}

@test "an image that is packed alone is unpacked first" {
    need qemu-img
    truncate -s 8M "$OUT/a.img"
    printf marked | dd of="$OUT/a.img" bs=1 seek=4096 conv=notrunc status=none
    qemu-img convert -q -O qcow2 "$OUT/a.img" "$OUT/b disk.qcow2"
    gzip -k "$OUT/a.img"
    python3 -c 'import lzma, sys, zipfile
folder = sys.argv[1]
image = open(folder + "/b disk.qcow2", "rb").read()
lzma.open(folder + "/b disk.qcow2.xz", "wb").write(image)
zipfile.ZipFile(folder + "/c.zip", "w").writestr("inside/c disk.qcow2", image)
open(folder + "/text.txt.xz", "wb").write(lzma.compress(b"no image"))
open(folder + "/cut.img.xz", "wb").write(lzma.compress(image)[:200])' "$OUT"
    local file name
    while read -r file name; do
        run3 "$UTMCTL" import "$OUT/$file"
        assert_ok
        image=$(echo "$UTMCTL_LIBRARY/$name.utm/Data"/????????-*.qcow2)
        qemu-img compare -q -f qcow2 -F raw "$image" "$OUT/a.img" || fail_with "$file: not the same"
    done <<<"a.img.gz a
c.zip c disk"
    run3 "$UTMCTL" import "$OUT/b disk.qcow2.xz"
    assert_ok
    [ -d "$UTMCTL_LIBRARY/b disk.utm" ] || fail_with "not called after the file"
    assert_error 9 invalid "neither a bundle nor an archive" import "$OUT/text.txt.xz"
    assert_error 9 invalid "damaged" import "$OUT/cut.img.xz"
    [ -z "$(find "$UTMCTL_LIBRARY" -name '.*' -mindepth 1)" ] || fail_with "something was left"
}

@test "an image that names another file is refused" {
    need qemu-img
    truncate -s 1M "$OUT/base.raw"
    qemu-img create -q -f qcow2 -b "$OUT/base.raw" -F raw "$OUT/top.qcow2"
    assert_error 9 invalid "is not whole" import "$OUT/top.qcow2"
    nothing_left
}

@test "a download goes on, is checked, and is removed" {
    [ -x "$(dirname "$UTMCTL")/../libexec/utmctl/utmctl-download" ] || skip "built without libcurl"
    "$UTMCTL" export web -o "$OUT/far away.utm.zip" -q
    "$UTMCTL" delete web -q
    mkfifo "$HOME_DIR/port"
    python3 "$BATS_TEST_DIRNAME/range-server.py" "$OUT" "$HOME_DIR/log" >"$HOME_DIR/port" 3>&- &
    SERVER_PID=$!
    read -r port <"$HOME_DIR/port"
    url="http://127.0.0.1:$port/far%20away.utm.zip"
    echo 700 >"$OUT/far away.utm.zip.cut"
    run3 "$UTMCTL" import "$url"
    [ "$status" -eq 1 ] || fail_with "expected 1"
    run3 "$UTMCTL" import "$url" --sha256 "$(sha256sum <"$OUT/far away.utm.zip" | cut -c-64)"
    assert_ok
    [[ $err == *"going on after 700 bytes"* ]] || fail_with "it began anew"
    [ "$(cut -d' ' -f2- "$HOME_DIR/log" | tail -1)" = "bytes=700- 206" ] || fail_with "wrong request"
    [ -d "$WEB" ] && [ -z "$(ls -A "$XDG_CACHE_HOME/utmctl/downloads")" ] || fail_with "the download is left"
    "$UTMCTL" delete web -q
    zeros=$(printf '0%.0s' {1..64})
    run3 "$UTMCTL" import "$url" --sha256 "$zeros"
    [ "$status" -eq 9 ] || fail_with "expected 9"
    [[ $err == *"its SHA-256 digest is"* ]] || fail_with "not said"
    [ ! -e "$WEB" ] && [ -z "$(ls -A "$XDG_CACHE_HOME/utmctl/downloads")" ] || fail_with "the wrong file is left"
    assert_error 4 not-found "status 404" import "http://127.0.0.1:$port/nothing.zip"
    assert_error 2 usage "64 hexadecimal digits" import "$url" --sha256 abc
    # Changed on the server after it broke off: all of it anew.
    echo 700 >"$OUT/far away.utm.zip.cut"
    run3 "$UTMCTL" import "$url"
    touch "$OUT/far away.utm.zip"
    run3 "$UTMCTL" import "$url"
    assert_ok
    [[ $err != *"going on"* ]] || fail_with "two versions were joined"
}

@test "a file has its digest checked, too" {
    "$UTMCTL" export web -o "$OUT/w.zip" -q
    zeros=$(printf '0%.0s' {1..64})
    assert_error 9 invalid "its SHA-256 digest is" import "$OUT/w.zip" --name x --sha256 "$zeros"
    assert_error 2 usage "a folder has no digest" import "$WEB" --name x --sha256 "$zeros"
    nothing_left
}

@test "Ctrl-C leaves nothing" {
    head -c 100M /dev/urandom >"$WEB/Data/disk.img"
    "$UTMCTL" export web -o "$OUT/w.tar.xz" 2>"$HOME_DIR/err" 3>&- &
    pid=$!
    until compgen -G "$OUT/.utmctl-*" >/dev/null || ! kill -0 $pid 2>/dev/null; do
        sleep 0.01
    done
    kill -INT $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 130 ] || fail_with "expected 130"
    [ -z "$(ls -A "$OUT")" ] || fail_with "left: $(ls -A "$OUT")"
}
