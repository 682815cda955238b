# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the integration tests share: folders of their own, guests, waiting, cleaning up.
#
# From ctest: UTMCTL, the program; UTMCTL_TEST_MACHINES, the folder with what make-machine.sh made.

bats_require_minimum_version 1.5.0

# Folders in which nothing of the user is touched. Short, because a socket path ends at 107 bytes.
box_open() {
    export USER_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}
    BOX=$(mktemp -d /tmp/utmctl-test-XXXXXX)
    export BOX HOME=$BOX/home XDG_DATA_HOME=$BOX/data XDG_STATE_HOME=$BOX/state \
        XDG_CACHE_HOME=$BOX/cache XDG_CONFIG_HOME=$BOX/config XDG_RUNTIME_DIR=$BOX/run
    export LIBRARY=$XDG_DATA_HOME/utmctl/library LC_ALL=C.UTF-8 TERM=dumb NO_COLOR=1 CI=1
    unset UTMCTL_LIBRARY DISPLAY WAYLAND_DISPLAY
    mkdir -p "$HOME" "$LIBRARY" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$XDG_CONFIG_HOME"
    mkdir -m 700 "$XDG_RUNTIME_DIR"
}

# Processes that were started from this box, and no others: only they have its path in their
# environment.
box_processes() {
    local environ pid
    for environ in $(grep -lzxsF -e "XDG_RUNTIME_DIR=$BOX/run" /proc/[0-9]*/environ); do
        pid=${environ//[!0-9]/}
        [ "$pid" != $$ ] && [ "$pid" != "$BASHPID" ] || continue
        case $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") in
            *qemu-system-* | *swtpm* | */passt\ * | *utmctl*) echo "$pid" ;;
        esac
    done
}

box_close() {
    [ -n "${BOX-}" ] || return 0
    local bundle pid
    for bundle in "$LIBRARY"/*.utm "$BOX"/*.utm; do
        [ ! -e "$bundle/config.plist" ] || timeout 60 "$UTMCTL" stop --kill "$bundle" >/dev/null 2>&1
    done
    for pid in $(box_processes); do
        kill -KILL "$pid" 2>/dev/null
    done
    # Helpers have no terminal: what a sanitizer has to say of them is in their logs.
    ! grep -h -A 20 -e 'ERROR: .*Sanitizer' -e 'runtime error:' -e CRITICAL \
        "$XDG_STATE_HOME"/utmctl/*/helper.log >&2 2>/dev/null
    local clean=$?
    rm -rf "$BOX"
    return $clean
}

utmctl() { "$UTMCTL" "$@"; }

# wait_until SECONDS COMMAND...: until it succeeds; what it printed last is shown when it does not.
# The seconds are those of a quiet machine; on a busy one it may take four times as long.
wait_until() {
    local limit=$((SECONDS + 4 * $1)) out=
    shift
    until out=$("$@" 2>&1); do
        if [ "$SECONDS" -ge "$limit" ]; then
            echo "gave up waiting for: $*" >&2
            printf '%s\n' "$out" >&2
            return 1
        fi
        sleep 0.1
    done
}

# machine NAME [TEMPLATE]: a fresh clone of what the suite made, in the library of this box.
machine() {
    utmctl clone "$UTMCTL_TEST_MACHINES/${2-demo}/${2-demo}.utm" --name "$1" >/dev/null
    test -d "$LIBRARY/$1.utm"
}

# running NAME [TEMPLATE]: such a clone that runs already, its guest where booting has brought it.
running() {
    machine "$1" "${2-demo}-up"
    utmctl start -q --yes "$1@up"
    utmctl snapshot delete "$1" up
}

# on_disk BUNDLE FILE: a file of /data, without a guest that would have to boot to read it.
on_disk() {
    local bundle=$1 disk
    [ -d "$bundle" ] || bundle=$LIBRARY/$1.utm
    disk=$(sed -n 's/.*<string>\(disk[^<]*\)<.*/\1/p' "$bundle/config.plist" | head -n 1)
    qemu-img convert -O raw "$bundle/Data/$disk" "$BOX/on-disk"
    # What was written last is in the journal.
    PATH=$PATH:/usr/sbin:/sbin e2fsck -p "$BOX/on-disk" >/dev/null || [ $? = 1 ]
    PATH=$PATH:/usr/sbin:/sbin debugfs -R "cat $2" "$BOX/on-disk" 2>/dev/null
}

# field VM KEY: one member of status --json, without quotes.
field() { utmctl status --json "$1" | json_field "$2"; }

# json_field KEY: a top-level member of the document on standard input.
json_field() {
    tr -d '\n' | sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\(\"[^\"]*\"\|[^,}]*\).*/\1/p" |
        sed 's/^"//; s/"$//; s/[[:space:]]*$//'
}

uuid_of() { field "$1" uuid; }
state_dir() { echo "$XDG_STATE_HOME/utmctl/$(uuid_of "$1")"; }
in_state() { [ "$(utmctl status "$1")" = "$2" ]; }
serial_log() { echo "$(state_dir "$1")/serial0.log"; }

# Emulation is asked for by name: what a host offers must not change what is tested.
boot() {
    utmctl start --accel tcg "$@" >/dev/null
    wait_ready "${!#}"
}

wait_ready() { utmctl wait --quiet "$1" serial=READY --timeout 5m; }

# guest VM COMMAND: run a command line on the guest's console, print its output, return its status.
guest() {
    local vm=$1 command=$2 tag=$RANDOM$RANDOM line status=99 inside=no text=
    coproc CON { exec "$UTMCTL" attach "$vm" 2>"$BOX/attach.err"; }
    local pid=$! in=${CON[1]} out=${CON[0]}
    # Quoted in the middle, so that the echo of this line does not look like the answer to it.
    printf 'echo; echo "BEG""IN:%s"; (%s); s=$?; echo; echo "EN""D:%s:$s"\n' "$tag" "$command" \
        "$tag" >&"$in"
    while IFS= read -r -t 180 line <&"$out"; do
        line=${line%$'\r'}
        case $line in
            "BEGIN:$tag") inside=yes ;;
            "END:$tag:"*)
                status=${line##*:}
                break
                ;;
            *) [ $inside = no ] || text+=$line$'\n' ;;
        esac
    done
    exec {in}>&-
    # Once and only once: a sanitizer that looks for leaks while a signal comes in may hang.
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    # The empty line is ours: it ends an output that does not end in a newline.
    text=${text%$'\n'}
    printf '%s' "$text"
    [ "$status" != 99 ] || { echo "no answer from the console of $vm" && cat "$BOX/attach.err"; } >&2
    return "$status"
}

# Where a user may not have namespaces of their own, as in most containers, passt, bubblewrap and
# virtiofsd do not work.
needs_namespaces() { unshare -U true 2>/dev/null || skip "there are no user namespaces here"; }

no_processes() { [ -z "$(box_processes)" ]; }
