# SPDX-License-Identifier: Apache-2.0
# Networks as guests see them: passt and slirp, machines that meet, ports that lead to a guest.
load lib

setup_file() {
    box_open
    machine web
    machine left
    machine right
    utmctl config set web 'Network[0].Mode=Shared'
    utmctl config set left 'Network[0].Mode=Host'
    utmctl config set right 'Network[0].Mode=Host'
    # Three guests at once would take three times as long to boot on few processors.
    boot web
    serve web
}

teardown_file() { box_close; }

# A server in the guest that says which machine it is.
serve() {
    guest "$1" "mkdir -p /www && echo I am $1 >/www/name && httpd -p 80 -h /www"
}

# answers PORT TEXT: whoever is behind a port of this host says so. Neither end closes before it has
# heard the other: the passt of 2023 may lose the end of a connection that is closed at once.
answers() {
    local line
    exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
    printf 'GET /name HTTP/1.0\r\n\r\n' >&3
    while IFS= read -r -t 5 line <&3; do
        [ "$line" != "$2" ] || { exec 3>&-; return 0; }
    done
    exec 3>&-
    return 1
}

# Numbers of processes of a kind that were started from this box.
box_pids() {
    local pid
    for pid in $(box_processes); do
        ! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "^[^ ]*$1" || echo "$pid"
    done
}

has_passt() { utmctl argv --json web | grep -q '"stream,'; }
# The first: a link-local one may have come meanwhile.
address_of() { utmctl ip-address "$1" --wait | sed -n 1p; }

@test "passt serves a shared network where it works, and says why not" {
    run -0 utmctl argv --explain web
    if ! unshare -U true; then
        [[ $output == *"because passt does not work here"* ]]
    elif command -v passt >/dev/null; then
        [[ $output == *"Linux: Shared is passt"* ]]
        [ "$(box_pids /passt | wc -l)" = 1 ]
    else
        [[ $output == *"because passt is not installed"* ]]
    fi
    utmctl config set left 'Network[0].Mode=Shared' 'Network[0].IsolateFromHost=true'
    run -0 utmctl argv --explain left
    [[ $output == *"because passt"* ]]
    utmctl config set left 'Network[0].Mode=Host' 'Network[0].IsolateFromHost=false'
    run -0 --separate-stderr utmctl export left --format script -o -
    [[ $output != *"stream,"* ]]
}

@test "the guest reaches the host" {
    [ "$(address_of web)" = 10.0.2.15 ]
    python3 -c 'if True:
        import socket, sys
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(120)
        print(server.getsockname()[1], flush=True)
        server.accept()[0].sendall(b"hello from the host")' >"$BOX/port" 3>&- &
    wait_until 10 test -s "$BOX/port"
    run -0 guest web "sleep 3 | nc 10.0.2.2 $(cat "$BOX/port")"
    [ "$output" = "hello from the host" ]
    wait
}

@test "a port is forwarded while the guest runs" {
    run -0 --separate-stderr utmctl network forward add web 0:80
    [[ $output == 127.0.0.1:* ]]
    local port=${output#*:}
    wait_until 10 answers "$port" "I am web"
    run -8 --separate-stderr utmctl network forward add web "$port:80"
    [[ $stderr == *"in use"* ]]
    run -0 utmctl network forward list web --json
    [ "$(jq -c '.[] | [.network, .protocol, .host_port, .guest_port, .active, .saved]' <<<"$output")" \
        = "[0,\"tcp\",$port,80,true,false]" ]

    # A second one leaves the first as it is.
    run -0 --separate-stderr utmctl network forward add web 127.0.0.2:0:80
    [[ $output == 127.0.0.2:* ]]
    wait_until 10 answers "$port" "I am web"
    run -0 utmctl network forward remove web "${output#*:}"
    run -0 utmctl network forward remove web "$port"
    ! answers "$port" "I am web" 2>/dev/null
    run -4 utmctl network forward remove web "$port"
    run -0 utmctl network forward list web --json
    [ "$output" = "[]" ]
}

@test "bad forwards are refused" {
    local bad
    for bad in 80 a:b 1:2:3:4 80:0 70000:1 80:80/sctp 300.1.1.1:80:80; do
        run -2 utmctl network forward add web "$bad"
    done
    run -2 utmctl network forward remove web 0
    run -4 utmctl network forward add web 0:80 --network 3
    run -5 utmctl network forward add left 0:80
    [[ $output == *--save* ]]
    run -0 utmctl network forward add web 0:80 --dry-run
    run -0 utmctl network forward list web --json
    [ "$output" = "[]" ]
}

@test "a forward that is saved is there after a restart" {
    run -0 --separate-stderr utmctl network forward add web 0:80 --save
    local port=${output#*:}
    [ "$(utmctl config get web 'Network[0].PortForward[0].HostPort')" = "$port" ]
    # A new QEMU, whose guest goes on to serve.
    utmctl suspend --save-state web
    run -0 utmctl network forward list web
    [[ $output == *"with the next start"* ]]
    utmctl start --accel tcg web
    wait_until 10 answers "$port" "I am web"
    run -0 utmctl network forward remove web "$port" --save
    run -4 utmctl config get web 'Network[0].PortForward[0].HostPort'
}

@test "a bridge that is not there is unsupported, with the way out" {
    utmctl config set left 'Network[0].Mode=Bridged' 'Network[0].BridgeInterface=nosuchbridge'
    run -7 utmctl start left
    [[ $output == *'no bridge "nosuchbridge"'*hint:* ]]
    utmctl config set left 'Network[0].Mode=Host'
}

@test "UDP is forwarded" {
    run -0 --separate-stderr utmctl network forward add web 0:99/udp
    local port=${output#*:} before
    # Nobody listens there, which the guest counts.
    unheard() { guest web "awk '/^Udp:/ { n = \$3 } END { print n }' /proc/net/snmp"; }
    before=$(unheard)
    heard() { echo ping >"/dev/udp/127.0.0.1/$port" && [ "$(unheard)" -gt "$before" ]; }
    wait_until 20 heard
    run -0 utmctl network forward remove web "$port/udp"
}

@test "a cable is plugged out and in" {
    run -0 utmctl network link web 0 down
    down() { [ "$(guest web 'cat /sys/class/net/eth0/carrier')" = 0 ]; }
    wait_until 10 down
    run -0 utmctl network link web 0 up
    up() { [ "$(guest web 'cat /sys/class/net/eth0/carrier')" = 1 ]; }
    wait_until 10 up
    run -4 utmctl network link web 7 down
    run -5 utmctl network link left 0 down
}

@test "a passt that dies is replaced, and one that is killed leaves nothing" {
    has_passt || skip "passt does not work here"
    local pid port
    pid=$(box_pids /passt)
    run -0 --separate-stderr utmctl network forward add web 0:80
    port=${output#*:}
    replaced() { [ -n "$(box_pids /passt)" ] && [ "$(box_pids /passt)" != "$pid" ]; }
    pid=$(box_pids /passt)
    kill -KILL "$pid"
    wait_until 10 replaced
    wait_until 10 answers "$port" "I am web"
}

@test "a suspended machine finds its network again, also without passt" {
    local port
    port=$(utmctl network forward list web --json | jq '.[0].host_port // empty')
    if [ -z "$port" ]; then
        run -0 --separate-stderr utmctl network forward add web 0:80
        port=${output#*:}
    fi
    run -0 utmctl suspend --save-state web
    [ -z "$(box_pids /passt)" ]
    mkdir -p "$BOX/none"
    # No passt: what is on PATH otherwise, but for it.
    local program
    for program in /usr/bin/* /bin/*; do
        case ${program##*/} in
            passt*) ;;
            *) [ -e "$BOX/none/${program##*/}" ] || ln -s "$program" "$BOX/none/" ;;
        esac
    done
    PATH=$BOX/none run -0 utmctl start --accel tcg web
    [ -z "$(box_pids /passt)" ]
    run -0 --separate-stderr utmctl network forward add web "$port:80"
    wait_until 10 answers "$port" "I am web"
    run -0 utmctl suspend --save-state web
    run -0 utmctl start --accel tcg web
    run -0 --separate-stderr utmctl network forward add web "$port:80"
    wait_until 10 answers "$port" "I am web"
}

@test "without an agent the address is the one that was given" {
    guest web 'kill $(cat /run/qemu-ga.pid)'
    gone() { [ "$(field web agent)" = false ]; }
    wait_until 20 gone
    run -0 --separate-stderr utmctl ip-address web
    [ "$output" = 10.0.2.15 ]
    [[ $stderr == *"no agent"* ]]
    run -0 --separate-stderr utmctl ip-address web --json
    [ "$(jq -r '.[0].source' <<<"$output")" = lease ]
}

@test "a helper that is killed takes passt with it" {
    kill -KILL "$(utmctl status web --json | jq .helper_pid)"
    nobody() { [ -z "$(box_pids /passt)$(box_pids /qemu-system)" ]; }
    wait_until 10 nobody
}

@test "machines on a Host network meet each other and the host, and nobody else" {
    boot left
    boot right
    local left right port
    left=$(address_of left)
    right=$(address_of right)
    [ "$left" != "$right" ]
    serve left
    run -0 guest right "wget -q -O - http://$left/name"
    [ "$output" = "I am left" ]
    run -0 guest left "ping -c 1 -W 5 $right"
    run -0 guest left "ping -c 1 -W 5 172.30.0.1"
    # There is no way out, not even for a guest that looks for one.
    run -0 guest left "ip route"
    [[ $output != *default* ]]
    guest left "ip route add default via 172.30.0.1"
    run -1 guest left "ping -c 1 -W 1 10.0.2.2"
    run -0 --separate-stderr utmctl network forward add left 0:80
    wait_until 10 answers "${output#*:}" "I am left"
}

@test "a switch that dies is replaced" {
    local before
    before=$(box_pids 'utmctl lan-switch' | wc -l)
    [ "$before" = 2 ]
    kill -KILL $(box_pids 'utmctl lan-switch')
    back() { [ "$(box_pids 'utmctl lan-switch' | wc -l)" = 2 ]; }
    wait_until 10 back
    meets() { guest right "wget -q -O - http://$(address_of left)/name" | grep -q "I am left"; }
    wait_until 20 meets
}

@test "networks with different names are apart" {
    utmctl suspend --save-state right
    utmctl config set right 'Network[0].HostNetUuid=11111111-2222-4333-8444-555555555555'
    utmctl start --accel tcg right
    run -1 guest right "ping -c 1 -W 1 $(address_of left)"
    utmctl stop --kill right
    utmctl stop --kill left
    [ -z "$(ls "$XDG_RUNTIME_DIR"/utmctl/lan/*)" ] || [ -z "$(find "$XDG_RUNTIME_DIR/utmctl/lan" -type s)" ]
    [ -z "$(box_pids 'utmctl lan-switch')" ]
}
