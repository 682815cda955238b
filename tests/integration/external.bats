# SPDX-License-Identifier: Apache-2.0
# External snapshots: layers below the disks, made, gone back to, merged, on machines that run or not.
load lib

setup_file() {
    box_open
    running tree
}

teardown_file() { box_close; }

bundle() { echo "$LIBRARY/tree.utm"; }
layers() { find "$(bundle)/Snapshots" -maxdepth 1 -type f 2>/dev/null | wc -l; }
disks() { find "$(bundle)/Data" -name 'disk*' | wc -l; }
active() { sed -n 's/.*<string>\(disk[^<]*\)<.*/\1/p' "$(bundle)/config.plist"; }
names() { utmctl snapshot list --json tree | jq -r '[.[].name] | join(" ")'; }
write() { guest tree "echo $1 >/data/state; sync"; }
holds() { [ "$(guest tree 'cat /data/state')" = "$1" ]; }

# Whoever reads the bundle without us finds every image that is needed.
chain_is_whole() {
    local image
    image=$(bundle)/Data/$(active)
    qemu-img info --backing-chain "$image" >/dev/null
    qemu-img check -q "$image"
}

@test "a running machine goes on with a new image" {
    write one
    run -0 utmctl snapshot create tree first --external --description 'the first one'
    in_state tree started
    [ "$(active)" = disk-2.qcow2 ]
    write two
    run -0 utmctl snapshot create tree second --external --quiesce
    write three
    run -0 utmctl snapshot list tree
    [[ ${lines[1]} == first*disk* ]]
    [[ ${lines[2]} == "  second"*disk*current ]]
    run -0 utmctl snapshot list --json tree
    [ "$(jq -c '[.[] | [.kind, .external, .complete, .description]]' <<<"$output")" = \
        '[["disk",true,true,"the first one"],["disk",true,true,null]]' ]
}

@test "names that are taken, and what does not go together" {
    run -5 utmctl snapshot create tree first --external
    run -5 utmctl snapshot create tree first
    run -2 utmctl snapshot create tree other --external --warm
    [[ $output == *--external* ]]
}

@test "memory can be kept on top of it, and no layer then comes on top of that" {
    run -0 utmctl snapshot create tree full
    run -5 utmctl snapshot create tree third --external
    [[ $output == *'"full"'* ]]
    [[ $output == *'utmctl snapshot export tree@full -o full.utm'*'utmctl snapshot delete tree full'* ]]
    run -5 utmctl snapshot flatten --yes tree
    [[ $output == *'"full"'* ]]
    run -0 utmctl snapshot delete tree full
}

@test "a running machine is not taken back" {
    run -5 utmctl snapshot restore --yes tree first
    [[ $output == *"no memory in it"* ]]
}

@test "restore goes to a branch, and the others stay" {
    run -0 utmctl stop tree
    # The old names that QEMU had are gone with it.
    [ "$(disks)" = 1 ]
    [ "$(layers)" = 2 ]
    run -0 utmctl snapshot restore --yes --start tree first
    wait_ready tree
    holds one
    write branch
    run -0 utmctl snapshot create tree twig --external
    run -0 utmctl stop tree
    [ "$(utmctl snapshot show --json tree twig | jq -r .parent)" = first ]
    run -0 utmctl start --yes tree@second
    run -0 utmctl stop --kill tree
    [ "$(on_disk tree /state)" = two ]
    chain_is_whole
    # What it is now is kept, and nobody is asked.
    run -0 utmctl snapshot restore --keep-current tree twig
    [[ $output == *'"before-twig"'* ]]
    in_state tree stopped
    [ "$(utmctl snapshot show --json tree before-twig | jq -r '.parent, .external' | xargs)" = \
        'second true' ]
    run -0 utmctl snapshot delete tree before-twig
    [ "$(names)" = 'first second twig' ]
}

@test "deleting merges, while the machine runs" {
    boot tree
    holds branch
    write more
    # Below two branches: only the name goes.
    run -0 utmctl snapshot delete tree first
    [ "$(layers)" = 3 ]
    holds more
    # What only the second branch needs goes, and the branch that runs has its base for itself.
    run -0 utmctl snapshot delete tree second
    [ "$(names)" = twig ]
    [ "$(layers)" = 1 ]
    holds more
    write last
    run -0 utmctl snapshot create tree top --external
    # Between two others.
    run -0 utmctl snapshot delete tree twig
    [ "$(layers)" = 1 ]
    write after
    run -0 utmctl snapshot delete tree top
    [ "$(names)" = '' ]
    holds after
    # Also of a drive whose image has been written down, and was taken over by what was its layer.
    run -0 utmctl snapshot create tree again --external
    write still
    run -0 utmctl snapshot create tree over --external
    write there
    run -0 utmctl snapshot delete tree again
    run -0 utmctl snapshot delete tree over
    holds there
    run -0 utmctl suspend -s tree
    [ "$(disks)" = 1 ]
    [ ! -e "$(bundle)/Snapshots" ]
    chain_is_whole
    [ "$(on_disk tree /state)" = there ]
    run -0 utmctl start --accel tcg tree
    holds there
}

@test "flatten asks, and leaves one image" {
    run -0 utmctl snapshot create tree one --external
    write flat
    run -0 utmctl snapshot create tree two --external
    run -2 utmctl snapshot flatten tree
    [[ $output == *--yes* ]]
    run -0 utmctl snapshot flatten --yes tree
    [ "$(names)" = '' ]
    holds flat
    run -0 utmctl stop tree
    [ "$(disks)" = 1 ]
    [ ! -e "$(bundle)/Snapshots" ]
    chain_is_whole
    run -0 utmctl snapshot flatten tree
}

@test "raw images, and a machine that is stopped" {
    local old
    old=$(active)
    qemu-img convert -O raw "$(bundle)/Data/$old" "$BOX/raw" && mv "$BOX/raw" "$(bundle)/Data/$old"
    run -7 utmctl snapshot create tree inside
    run -0 utmctl snapshot create tree base --external
    boot tree
    holds flat
    write changed
    run -0 utmctl stop tree
    run -0 utmctl snapshot create tree upper --external
    run -0 utmctl snapshot restore --yes --start tree base
    run -0 utmctl stop --kill tree
    [ "$(on_disk tree /state)" = flat ]
    run -0 utmctl snapshot restore --yes tree upper
    run -0 utmctl snapshot delete tree base --children
    [ "$(names)" = '' ]
    [ ! -e "$(bundle)/Snapshots" ]
    chain_is_whole
    [ "$(on_disk tree /state)" = changed ]
}

# What a helper leaves that is killed at each step: hard links, empty images, a record.
@test "what was cut short is swept, and changes nothing" {
    local now
    now=$(active)
    mkdir "$(bundle)/Snapshots"
    ln "$(bundle)/Data/$now" "$(bundle)/Snapshots/$now"
    qemu-img create -q -f qcow2 -F qcow2 -b "../Snapshots/$now" "$(bundle)/Snapshots/disk-90.qcow2"
    ln "$(bundle)/Snapshots/disk-90.qcow2" "$(bundle)/Data/disk-90.qcow2"
    run -0 utmctl snapshot create tree real --external
    [ ! -e "$(bundle)/Data/disk-90.qcow2" ]
    [ "$(layers)" = 1 ]
    # Recorded, and the configuration not switched.
    now=$(active)
    sed -i "s|<key>real</key>|<key>unmade</key><dict><key>Layers</key><dict><key>X</key><string>$now</string></dict></dict>&|" \
        "$(bundle)/utmctl.plist"
    [ "$(names)" = real ]
    run -0 utmctl start --accel tcg tree
    ! grep -q unmade "$(bundle)/utmctl.plist"
    run -0 utmctl stop --kill tree
    [ "$(on_disk tree /state)" = changed ]
}
