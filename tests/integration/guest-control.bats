# SPDX-License-Identifier: Apache-2.0
# What changes something in a guest: frozen file systems, passwords, keys.
load lib

setup_file() {
    box_open
    running web
    utmctl wait --quiet web agent
}

teardown_file() { box_close; }

@test "a frozen guest writes nothing until it is thawed" {
    run -0 --separate-stderr utmctl guest freeze web --for 60s
    [[ $stderr == *frozen* ]]
    guest web '(echo x >/data/late; echo written >/tmp/late) >/dev/null 2>&1 &'
    run -125 utmctl exec web -- true
    [[ $output == *frozen* ]]
    # A guest that could write has had the time to.
    run -124 utmctl wait web --timeout 500ms 'serial=/nothing at all/'
    run -0 guest web 'ls /tmp/late 2>/dev/null | wc -l'
    [ "${lines[-1]}" = 0 ]
    run -0 utmctl guest thaw web
    written() { guest web 'cat /tmp/late' | grep -q written; }
    wait_until 20 written
    run -0 utmctl guest thaw web
}

@test "it is thawed by itself when nobody does" {
    run -0 utmctl guest freeze web --for 300ms
    wait_until 20 utmctl exec web -- true
    run -2 utmctl guest freeze web --for 2m
    run -2 utmctl guest freeze web --for 0
}

@test "passwords come from standard input" {
    # This guest has no chpasswd: one that keeps what it is given.
    utmctl exec web -- sh -c 'mkdir -p /usr/sbin; printf "#!/bin/sh\n{ echo \"[\$*]\"; cat; } >/tmp/password\n" >/usr/sbin/chpasswd; chmod +x /usr/sbin/chpasswd'
    run -0 utmctl guest set-password web root <<<'a b:c'
    run -0 utmctl exec web -- cat /tmp/password
    [ "$output" = $'[]\nroot:a b:c' ]
    run -0 utmctl guest set-password web --crypted root <<<'$6$x$y'
    run -0 utmctl exec web -- cat /tmp/password
    [ "$output" = $'[-e]\nroot:$6$x$y' ]
    run -2 utmctl guest set-password web root </dev/null
    [[ $output == *"standard input"* ]]
}

@test "keys are shown, added and removed" {
    local one='ssh-ed25519 AAAAone one@host' two='ssh-ed25519 AAAAtwo two@host'
    printf '# mine\n%s\n' "$two" >"$BOX/two.pub"
    run -0 utmctl guest ssh-keys web root --add "$one" --add "$BOX/two.pub"
    run -0 utmctl guest ssh-keys web root
    [ "$(sort <<<"$output")" = "$one"$'\n'"$two" ]
    run -0 utmctl guest ssh-keys web root --remove "$one"
    run -0 utmctl guest ssh-keys web root --json
    [ "$(jq -r '.[]' <<<"$output")" = "$two" ]
    run -0 utmctl guest ssh-keys web root --add "$one" --only
    run -0 utmctl exec web -- cat /root/.ssh/authorized_keys
    [[ $output == *"$one"* && $output != *"$two"* ]]
    run -4 utmctl guest ssh-keys web root --add "$BOX/nosuch"
    echo nonsense >"$BOX/bad"
    run -2 utmctl guest ssh-keys web root --add "$BOX/bad"
    run -1 utmctl guest ssh-keys web nobody-of-that-name
}

@test "a machine that does not run is 5" {
    utmctl stop --kill web
    run -5 utmctl guest freeze web
    run -5 utmctl guest thaw web
    run -5 utmctl guest set-password web root <<<x
    run -5 utmctl guest ssh-keys web root
}
