# SPDX-License-Identifier: Apache-2.0
# USB devices of the host: what can be seen where there are none, and QEMU's side of taking one away.
load lib

setup_file() {
    box_open
    machine plugs
}

teardown_file() { box_close; }

always() { cat "$(state_dir plugs)/usb.json" 2>/dev/null; }
no_device() { ! utmctl qmp plugs qom-list path=/machine/peripheral | grep -q '"plug-'; }

@test "a host without the device says so, and a machine without USB how it gets it" {
    run -0 utmctl usb list
    run -0 utmctl usb list --json
    [ "$(jq -r type <<<"$output")" = array ]
    run -7 utmctl usb connect plugs dead:beef
    [[ $output == *Input.UsbBusSupport* ]]
    utmctl config set plugs Input.UsbBusSupport=3.0
    run -7 utmctl usb connect plugs dead:beef
    [[ $output == *Input.UsbSharing=true* ]]
    utmctl config set plugs Input.UsbSharing=true
    run -4 utmctl usb connect plugs dead:beef
    run -4 utmctl usb disconnect dead:beef
    run -4 utmctl usb disconnect plugs dead:beef
}

@test "a device that is always wanted is noted, and forgotten again" {
    run -0 utmctl usb connect plugs dead:beef --always --dry-run
    [ -z "$(always)" ]
    run -0 --separate-stderr utmctl usb connect plugs dead:beef --always --json
    [ "$(jq -r .now <<<"$output")" = false ]
    always | grep -q dead:beef
    boot plugs
    always | grep -q dead:beef
    run -0 utmctl usb disconnect plugs dead:beef
    [ -z "$(always)" ]
}

@test "a device goes from a running machine, and its controller with the last one" {
    # A tablet of QEMU's own stands for a device in port 9-7 of this host.
    utmctl qmp plugs device_add driver=qemu-xhci id=plug-xhci bus=hotplug0
    utmctl qmp plugs device_add driver=usb-tablet id=plug-usb-9-7 bus=plug-xhci.0
    run -7 utmctl snapshot create plugs memory
    [[ $output == *usb-9-7* ]]
    run -4 utmctl usb disconnect plugs 9-8
    run -0 utmctl usb disconnect plugs 9-7
    wait_until 10 no_device
    run -0 utmctl snapshot create plugs memory
}

@test "memory is not saved after a device of the start has gone" {
    utmctl stop --kill plugs
    utmctl disk add plugs --size 1M --interface usb
    utmctl start --accel tcg plugs
    run -0 utmctl disk remove plugs 3
    run -7 utmctl snapshot create plugs later
    [[ $output == *"taken out"* ]]
}
