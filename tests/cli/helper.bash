# SPDX-License-Identifier: Apache-2.0
# What all command line tests share: folders of their own, bundles, and assertions.
# UTMCTL names the program; ctest sets it.

setup_home() {
    HOME_DIR=$(mktemp -d "${TMPDIR:-/tmp}/utmctl-cli.XXXXXX")
    export HOME=$HOME_DIR
    export UTMCTL_LIBRARY=$HOME_DIR/library
    export XDG_CACHE_HOME=$HOME_DIR/cache XDG_STATE_HOME=$HOME_DIR/state
    export XDG_CONFIG_HOME=$HOME_DIR/config XDG_DATA_HOME=$HOME_DIR/data
    export XDG_RUNTIME_DIR=$HOME_DIR/run
    mkdir -p "$UTMCTL_LIBRARY"
    mkdir -m 700 "$XDG_RUNTIME_DIR"
    unset NO_COLOR CLICOLOR CLICOLOR_FORCE
    UUID_WEB=11111111-AAAA-4000-8000-000000000001
    UUID_DB=22222222-BBBB-4000-8000-000000000002
}

teardown_home() {
    [ -z "$FAKE_PID" ] || kill "$FAKE_PID" 2>/dev/null || true
    rm -rf "$HOME_DIR"
}

# run3 COMMAND…: exit status in $status, standard output in $out, standard error in $err.
run3() {
    status=0
    "$@" >"$HOME_DIR/out" 2>"$HOME_DIR/err" || status=$?
    out=$(<"$HOME_DIR/out")
    err=$(<"$HOME_DIR/err")
}

fail_with() {
    echo "status: $status"
    echo "out: $out"
    echo "err: $err"
    echo "$*"
    return 1
}

assert_ok() {
    [ "$status" -eq 0 ] || fail_with "expected success"
}

# assert_error STATUS CODE TEXT: what a failure must look like, for people and for programs. The
# command is run twice, so it must fail without having changed anything.
assert_error() {
    local expected=$1 code=$2 text=$3
    shift 3
    run3 "$UTMCTL" "$@"
    [ "$status" -eq "$expected" ] || fail_with "expected status $expected"
    [ -z "$out" ] || fail_with "expected nothing on standard output"
    [[ $err == "utmctl: "* ]] || fail_with "expected a line that begins with utmctl:"
    [[ $err == *"$text"* ]] || fail_with "expected: $text"
    run3 "$UTMCTL" --json "$@"
    [ "$status" -eq "$expected" ] || fail_with "expected status $expected with --json"
    [ -z "$out" ] || fail_with "expected nothing on standard output with --json"
    jq -es --arg code "$code" --arg text "$text" 'length == 1 and
        (.[0].error | .code == $code and (.message | contains($text)))' <<<"$err" >/dev/null ||
        fail_with "expected JSON with $code and: $text"
}

# json EXPRESSION: evaluates a Python expression on the document in $out, as "d".
json() {
    # By a pipe: an argument has 128 KiB at most.
    python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1" <<<"$out"
}

# make_bundle FOLDER NAME UUID [SERIAL_MODE]
make_bundle() {
    local path=$1 name=$2 uuid=$3 serial=${4:-Terminal}
    mkdir -p "$path/Data"
    printf disk >"$path/Data/disk.img"
    cat >"$path/config.plist" <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Backend</key><string>QEMU</string>
	<key>ConfigurationVersion</key><integer>4</integer>
	<key>Display</key><array/>
	<key>Drive</key>
	<array>
		<dict>
			<key>Identifier</key><string>00000000-0000-4000-8000-0000000000D1</string>
			<key>ImageName</key><string>disk.img</string>
			<key>ImageType</key><string>Disk</string>
			<key>Interface</key><string>VirtIO</string>
			<key>InterfaceVersion</key><integer>1</integer>
			<key>ReadOnly</key><false/>
		</dict>
	</array>
	<key>Information</key>
	<dict>
		<key>IconCustom</key><false/>
		<key>Name</key><string>$name</string>
		<key>UUID</key><string>$uuid</string>
	</dict>
	<key>Input</key>
	<dict>
		<key>MaximumUsbShare</key><integer>3</integer>
		<key>UsbBusSupport</key><string>3.0</string>
		<key>UsbSharing</key><false/>
	</dict>
	<key>Network</key>
	<array>
		<dict>
			<key>Hardware</key><string>virtio-net-pci</string>
			<key>IsolateFromHost</key><false/>
			<key>MacAddress</key><string>52:54:00:12:34:56</string>
			<key>Mode</key><string>Shared</string>
			<key>PortForward</key><array/>
		</dict>
	</array>
	<key>QEMU</key>
	<dict>
		<key>AdditionalArguments</key><array/>
		<key>BalloonDevice</key><false/>
		<key>DebugLog</key><false/>
		<key>Hypervisor</key><true/>
		<key>PS2Controller</key><false/>
		<key>RNGDevice</key><true/>
		<key>RTCLocalTime</key><false/>
		<key>TPMDevice</key><false/>
		<key>UEFIBoot</key><false/>
	</dict>
	<key>Serial</key>
	<array>
		<dict>
			<key>Mode</key><string>$serial</string>
			<key>Target</key><string>Auto</string>
			<key>TcpPort</key><integer>4555</integer>
			<key>Terminal</key>
			<dict>
				<key>BackgroundColor</key><string>#000000</string>
				<key>CursorBlink</key><true/>
				<key>Font</key><string>Menlo</string>
				<key>FontSize</key><integer>12</integer>
				<key>ForegroundColor</key><string>#ffffff</string>
				<key>ResizeCommand</key><string>stty cols \$COLS rows \$ROWS\\n</string>
			</dict>
		</dict>
	</array>
	<key>Sharing</key>
	<dict>
		<key>ClipboardSharing</key><false/>
		<key>DirectoryShareMode</key><string>None</string>
		<key>DirectoryShareReadOnly</key><false/>
	</dict>
	<key>Sound</key><array/>
	<key>System</key>
	<dict>
		<key>Architecture</key><string>x86_64</string>
		<key>CPU</key><string>default</string>
		<key>CPUCount</key><integer>2</integer>
		<key>CPUFlagsAdd</key><array/>
		<key>CPUFlagsRemove</key><array/>
		<key>ForceMulticore</key><false/>
		<key>JITCacheSize</key><integer>0</integer>
		<key>MemorySize</key><integer>256</integer>
		<key>Target</key><string>q35</string>
	</dict>
</dict>
</plist>
PLIST
}

# Two machines: "web" and "Data Base".
make_library() {
    make_bundle "$UTMCTL_LIBRARY/web.utm" web "$UUID_WEB"
    make_bundle "$UTMCTL_LIBRARY/Data Base.utm" "Data Base" "$UUID_DB"
}

# fake_running UUID PATH NAME: holds a machine's lock and serves its first serial port.
fake_running() {
    mkfifo "$HOME_DIR/ready"
    python3 "$BATS_TEST_DIRNAME/fake-machine.py" "$@" >"$HOME_DIR/ready" 3>&- &
    FAKE_PID=$!
    read -r _ <"$HOME_DIR/ready"
}

# wait_until COMMAND…: until it succeeds, for at most twenty seconds.
wait_until() {
    local limit=$((SECONDS + 20))
    until "$@"; do
        [ "$SECONDS" -lt "$limit" ] || fail_with "gave up waiting for: $*" || return 1
        sleep 0.02
    done
}
