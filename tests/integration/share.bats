# SPDX-License-Identifier: Apache-2.0
# Folders of the host, as the guest sees them: by 9p, by virtiofs, several at once.
load lib

setup_file() {
    box_open
    machine folders
    mkdir "$BOX"/{nine,fast,kept,late}
    for name in nine fast kept late; do echo "$name" >"$BOX/$name/file"; done
}

teardown_file() { box_close; }

in_guest() { utmctl exec "$1" --cmd sh -c "$2"; }
up() { boot "$1" && wait_until 20 in_guest "$1" true; }
has_virtiofsd() {
    needs_namespaces
    local place
    for place in $(command -v virtiofsd) /usr/libexec/virtiofsd /usr/lib{,/qemu}/virtiofsd; do
        [ ! -x "$place" ] || return 0
    done
    skip "virtiofsd is not installed"
}
# Those that were started from this box.
daemons() {
    local pid n=0
    for pid in $(pgrep -x virtiofsd); do
        ! tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "=$BOX/" || n=$((n + 1))
    done
    [ "$n" = "$1" ]
}

@test "folders are noted, and what cannot be shared is refused" {
    run -0 --separate-stderr utmctl share add folders "$BOX/nine" --json
    [ "$(jq -r .tag <<<"$output")" = share ]
    [ "$(jq -r .kind <<<"$output")" = 9p ]
    run -0 utmctl share add folders "$BOX/fast" --virtiofs --tag fast --dry-run
    [ "$(utmctl share list folders --json | jq length)" = 1 ]
    run -5 utmctl share add folders "$BOX/nine"
    run -5 utmctl share add folders "$BOX/fast" --tag share
    run -4 utmctl share add folders "$BOX/nosuch"
    run -9 utmctl share add folders "$BOX/nine/file"
    run -2 utmctl share add folders "$BOX/fast" --tag 'a,b'
    run -4 utmctl share remove folders fast
    utmctl config set folders Sharing.DirectoryShareMode=None
    run -7 utmctl share add folders "$BOX/fast"
    [[ $output == *DirectoryShareMode=VirtFS* ]]
    utmctl config set folders Sharing.DirectoryShareMode=WebDAV
    run -7 utmctl share add folders "$BOX/fast"
    [[ $output == *"one folder"* ]]
    utmctl argv folders | grep -q org.spice-space.webdav.0
    utmctl config set folders Sharing.DirectoryShareMode=VirtFS
}

@test "a guest mounts several folders, and keeps to what is read-only" {
    has_virtiofsd
    utmctl share add folders "$BOX/fast" --virtiofs --tag fast
    utmctl share add folders "$BOX/kept" --virtiofs --read-only
    [ "$(utmctl share list folders --json | jq -r '.[2].tag')" = share2 ]
    up folders
    in_guest folders 'modprobe virtiofs; mkdir -p /f /k /l && mount -t virtiofs fast /f &&
        mount -t virtiofs share2 /k'
    [ "$(in_guest folders 'cat /share/file /f/file /k/file')" = "$(printf 'nine\nfast\nkept')" ]
    in_guest folders 'echo written >/f/new && echo written >/share/new'
    [ "$(cat "$BOX/fast/new" "$BOX/nine/new")" = "$(printf 'written\nwritten')" ]
    run ! in_guest folders 'echo written >/k/new'
    [ ! -e "$BOX/kept/new" ]
}

@test "a folder comes and goes while the guest runs" {
    has_virtiofsd
    run -0 --separate-stderr utmctl share add folders "$BOX/late" --virtiofs --json
    [ "$(jq -r .now <<<"$output")" = true ]
    [ "$(in_guest folders 'mount -t virtiofs share3 /l && cat /l/file && umount /l')" = late ]
    run -0 --separate-stderr utmctl share remove folders share3 --json
    [ "$(jq -r .now <<<"$output")" = true ]
    run ! in_guest folders 'mount -t virtiofs share3 /l'
    # What QEMU serves itself follows later, and says so.
    run -0 utmctl share add folders "$BOX/late"
    [[ $output == *"next start"* ]]
    run -0 utmctl share remove folders "$BOX/late"
    [[ $output == *"until the machine stops"* ]]
}

# stand_in PROGRAM: one before the real one on PATH; it fails while there is a file "broken"
stand_in() {
    local real
    real=$(command -v "$1" || ls /usr/libexec/"$1" /usr/lib{,/qemu}/"$1" 2>/dev/null | head -n 1)
    # What kind of virtiofsd it is shows in its path.
    mkdir -p "$BOX/bin${real%/*}"
    printf '#!/bin/sh\n[ ! -e "%s/broken" ] || { echo "%s" >&2; exit 1; }\nexec "%s" "$@"\n' \
        "$BOX" "$2" "$real" >"$BOX/bin$real"
    chmod +x "$BOX/bin$real"
    PATH=$BOX/bin${real%/*}:$PATH
}

@test "what virtiofsd says is passed on, with the way out" {
    has_virtiofsd
    local PATH=$PATH
    utmctl create small --template minimal --memory 128M --disk 32M >/dev/null
    utmctl config set small Sharing.DirectoryShareMode=VirtFS >/dev/null
    mkdir "$BOX/one" "$BOX/two"
    utmctl share add small "$BOX/one" --virtiofs --read-only
    stand_in virtiofsd '[now ERROR virtiofsd] there is no fuse in the box'
    touch "$BOX/broken"
    run -1 utmctl start --accel tcg small
    [[ $output == *"$BOX/one"*': there is no fuse in the box'* ]]
    [[ $output == *"hint: utmctl share remove small share && utmctl share add small $BOX/one --read-only"* ]]
    rm "$BOX/broken"
    utmctl start --accel tcg small
    touch "$BOX/broken"
    run -0 utmctl share add small "$BOX/two" --virtiofs
    [[ $output == *'there is no fuse in the box'* ]]
    utmctl stop --kill small
    stand_in unshare 'unshare: unshare failed: Operation not permitted'
    run -7 utmctl start --accel tcg small
    [[ $output == *'no namespaces of their own'*'Operation not permitted'* ]]
    rm "$BOX/broken"
}

@test "memory is not saved with a folder by virtiofs" {
    has_virtiofsd
    run -7 utmctl snapshot create folders memory
    [[ $output == *virtiofs* || $output == *vhost-user-fs* ]]
    run -7 utmctl suspend --save-state folders
    in_state folders started
}

@test "virtiofsd goes with QEMU, however that ends, and everything is there again" {
    has_virtiofsd
    kill -KILL "$(field folders helper_pid)"
    wait_until 10 in_state folders stopped
    wait_until 10 daemons 0
    up folders
    [ "$(in_guest folders 'mkdir -p /f; modprobe virtiofs; mount -t virtiofs fast /f; cat /f/new')" = written ]
    run -0 utmctl stop --kill folders
    wait_until 10 daemons 0
    rm -r "$BOX/kept"
    run -4 utmctl start --accel tcg folders
    [[ $output == *"$BOX/kept"* ]]
}

@test "who is not root shares folders by virtiofs as well" {
    has_virtiofsd
    [ "$(id -u)" = 0 ] || skip "this is all that the other tests do"
    setpriv --reuid 65534 --regid 65534 --clear-groups unshare --map-root-user true ||
        skip "this host lets nobody else make user namespaces"
    utmctl share remove folders share2
    chown -R 65534:65534 "$BOX"
    # shellcheck disable=SC2317 # called by name
    utmctl() { setpriv --reuid 65534 --regid 65534 --clear-groups "$UTMCTL" "$@"; }
    up folders
    [ "$(in_guest folders 'mkdir -p /f; modprobe virtiofs; mount -t virtiofs fast /f; cat /f/file; echo nobody >/f/new')" = fast ]
    [ "$(cat "$BOX/fast/new")" = nobody ]
    [ "$(stat -c %u "$BOX/fast/new")" = 65534 ]
    run -0 utmctl stop --kill folders
    wait_until 10 daemons 0
}
