# SPDX-License-Identifier: Apache-2.0
# Snapshots of a machine that has a folder of the host mounted.
load lib

setup_file() {
    box_open
    mkdir "$BOX/shared"
    echo "from the host" >"$BOX/shared/note"
    XDG_CACHE_HOME=$USER_CACHE utmctl create --template demo served --share "$BOX/shared" >/dev/null
    boot served
}

teardown_file() { box_close; }

agent_is_there() { [ "$(field served agent)" = true ]; }

@test "what is mounted is put aside meanwhile, and comes back" {
    wait_until 30 agent_is_there
    run -0 guest served 'cat /share/note'
    [ "$output" = "from the host" ]
    run -0 --separate-stderr utmctl snapshot create served with
    [ -z "$stderr" ]
    run -0 guest served 'cat /share/note'
    [ "$output" = "from the host" ]
    run -0 utmctl snapshot restore --yes served with
    run -0 guest served 'mount | grep -c " /share " || true; cat /data/boots'
    [ "$output" = $'0\n1' ]
}

@test "what is in use is named, and stays" {
    guest served 'mount -t 9p -o trans=virtio share /share; (cd /share && sleep 600 >/dev/null 2>&1) &'
    run -7 utmctl snapshot create served busy
    [[ $output == *"mount_tag 'share'"* ]]
    [[ $output == *--disk-only* ]]
    run -0 guest served 'cat /share/note'
    run -4 utmctl snapshot show served busy
    run -0 utmctl snapshot create served busy --disk-only
}
