# SPDX-License-Identifier: Apache-2.0
# What a machine has from its host: a shared folder and forwarded ports.
load lib

free_port() {
    local port
    for port in $(shuf -i 20000-60000 -n 50); do
        if ! (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# create_demo NAME OPTION...: from the template; its files come from the user's cache.
create_demo() {
    XDG_CACHE_HOME=$USER_CACHE utmctl create --template demo "$@" >/dev/null
}

setup_file() {
    box_open
    mkdir "$BOX/shared"
    echo "from the host" >"$BOX/shared/note"
    PORT=$(free_port)
    export PORT
    create_demo served --share "$BOX/shared" --forward "$PORT:80"
    boot served
}

teardown_file() { box_close; }

@test "the guest reads and writes the shared folder" {
    run -0 guest served 'cat /share/note; echo "from the guest" >/share/answer'
    [ "$output" = "from the host" ]
    [ "$(cat "$BOX/shared/answer")" = "from the guest" ]
}

answers() {
    exec 9<>"/dev/tcp/127.0.0.1/$PORT" || return 1
    printf 'GET /boots HTTP/1.0\r\n\r\n' >&9
    timeout 5 cat <&9
    exec 9>&-
}

@test "a forwarded port reaches the guest, on loopback only" {
    guest served 'httpd -h /data -p 80'
    got_answer() { answers 2>/dev/null | tail -n 1 | grep -qx 1; }
    wait_until 20 got_answer
    run -0 ss -Hltn "sport = :$PORT"
    [[ "$output" == *127.0.0.1:$PORT* ]]
    [[ "$output" != *"0.0.0.0:$PORT"* ]]
}

@test "a mounted shared folder stands in the way of saving, and the reason is said" {
    run ! --separate-stderr utmctl suspend -s served
    [[ "$stderr" == *served*share* ]]
    in_state served started
    guest served 'umount /share'
    run -0 utmctl suspend -s served
    run -0 utmctl start --accel tcg served
    run -0 guest served 'cat /data/boots'
    [ "$output" = 1 ]
}

@test "a folder shared for reading only" {
    create_demo careful --share "$BOX/shared:ro"
    boot careful
    run -0 guest careful 'cat /share/note; ! touch /share/new'
    [ "${lines[0]}" = "from the host" ]
    [ ! -e "$BOX/shared/new" ]
}
