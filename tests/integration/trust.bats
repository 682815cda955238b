# SPDX-License-Identifier: Apache-2.0
# A bundle from somewhere else is data: what it asks for beyond itself is refused, or does not help.
load lib

setup_file() {
    box_open
    machine guest
    export DATA=$LIBRARY/guest.utm/Data
    cp "$LIBRARY/guest.utm/config.plist" "$BOX/config.plist"
    echo secret >"$BOX/secret"
}

teardown_file() { box_close; }

setup() { cp "$BOX/config.plist" "$LIBRARY/guest.utm/config.plist"; }

# ask WORDS: one more element of AdditionalArguments.
ask() {
    sed -i "/<key>AdditionalArguments<\/key>/{n;s|<array>|<array><string>$1</string>|}" \
        "$LIBRARY/guest.utm/config.plist"
    grep -qF -e "$1" "$LIBRARY/guest.utm/config.plist"
}

refused() {
    run -9 utmctl start --accel tcg guest
    [[ $output == *"$1"* ]]
    [[ $output == *"utmctl trust"* ]]
    no_processes
}

@test "arguments that open files, run programs or listen are refused and shown" {
    local words
    for words in '-drive file=/etc/shadow,format=raw' '-chardev file,id=x,path=/tmp/x' \
        '-monitor tcp:0.0.0.0:4444,server,nowait' '-plugin /tmp/x.so' '-readconfig /tmp/x' \
        '-device VGA,romfile=/etc/shadow' '-vnc :1' '-D /tmp/x' '/tmp/x.img'; do
        setup
        ask "$words"
        refused "$words"
    done
}

@test "the same in the name of a device" {
    sed -i 's|<string>virtio-net-pci</string>|<string>virtio-net-pci,romfile=/etc/shadow</string>|' \
        "$LIBRARY/guest.utm/config.plist"
    refused 'romfile=/etc/shadow'
}

@test "an image that is a link out of the bundle" {
    mv "$DATA/disk.qcow2" "$BOX/disk.qcow2"
    ln -s "$BOX/disk.qcow2" "$DATA/disk.qcow2"
    refused 'is a link to'
    rm "$DATA/disk.qcow2"
    mv "$BOX/disk.qcow2" "$DATA/disk.qcow2"
}

@test "an image over a file of the host" {
    mv "$DATA/disk.qcow2" "$BOX/disk.qcow2"
    qemu-img create -q -f qcow2 -b "$BOX/secret" -F raw "$DATA/disk.qcow2" 1M
    refused 'has the backing file'
    # Over another image of the bundle it is nobody's business.
    mv "$BOX/disk.qcow2" "$DATA/base.qcow2"
    qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 "$DATA/disk.qcow2"
    run -0 utmctl trust --show guest
    [ -z "$output" ]
    run -0 utmctl start --accel tcg guest
    run -0 utmctl stop --kill guest
    mv "$DATA/base.qcow2" "$DATA/disk.qcow2"
}

@test "trust agrees to exactly what is asked for" {
    ask '-d guest_errors'
    run -0 utmctl trust --show guest
    [ -z "$output" ]
    ask "-D $BOX/agreed"
    run -2 utmctl trust guest
    [[ $output == *"-D $BOX/agreed"* ]]
    refused "-D $BOX/agreed"
    run -0 utmctl trust --yes guest
    ask "-D $BOX/more"
    refused "-D $BOX/more"
    run -0 utmctl trust --revoke guest
    setup
    ask "-D $BOX/agreed"
    refused "-D $BOX/agreed"
}

@test "the sandbox holds also then" {
    ask "-drive if=none,id=x,format=raw,file=$BOX/secret"
    run -0 utmctl trust --yes guest
    run -1 utmctl start --accel tcg guest
    [[ $output == *"Permission denied"* ]]
    # It is the sandbox that kept it away.
    run -0 utmctl start --accel tcg --no-sandbox guest
    [ "$(field guest sandbox)" = 'it was switched off' ]
    run -0 utmctl stop --kill guest
    grep -q '"sandbox":"it was switched off"' "$(state_dir guest)/events.jsonl"
}

@test "no copy has what was not agreed to" {
    local image other=$BOX/secret
    printf 'secret-%.0s' {1..20000} >"$other"
    utmctl create leaky --template minimal --memory 128M --disk 32M >/dev/null
    image=$LIBRARY/leaky.utm/Data/$(utmctl config get leaky 'Drive[0].ImageName')
    qemu-img create -q -f qcow2 -F raw -b "$other" "$image" 1M
    run -9 utmctl clone --full leaky --name whole
    [[ $output == *"backing file \"$other\""* ]]
    run -9 utmctl disk convert leaky 0 --format raw
    run -9 utmctl snapshot flatten --yes leaky
    run -0 utmctl snapshot create leaky then
    run -9 utmctl snapshot export leaky@then -o "$BOX/then.utm"
    # Another name of it says what it says.
    run -0 utmctl clone leaky --name same
    run -9 utmctl start --accel tcg same
    ln -sf "$other" "$image"
    run -9 utmctl clone leaky --name linked
    run -9 utmctl export leaky -o "$BOX/leaky.utm.zip"
    [[ $output == *'is a link to'* ]]
    [ -z "$(grep -rls secret-secret "$LIBRARY")" ]
    [ ! -e "$BOX/then.utm" ] && [ ! -e "$BOX/leaky.utm.zip" ]
    utmctl trust --yes leaky
    run -0 utmctl clone leaky --name agreed
}
