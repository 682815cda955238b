#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a disk image as distributions publish them for clouds: make-cloud-image.sh FOLDER
#
# FOLDER/cloud.qcow2 is Debian with systemd, cloud-init, an SSH server and the guest agent, which
# boots by UEFI and grows up at its first boot. Kept in the user's cache, since the packages take a
# minute to install.
set -euo pipefail
folder=$1
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

mkdir -p "$folder"
recipe=$(cksum <"$0" | cut -d' ' -f1)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/utmctl/test
ready=$cache/cloud-$recipe.qcow2
if [ -s "$ready" ]; then
    cp --reflink=auto --sparse=always "$ready" "$folder/cloud.qcow2"
    exit 0
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/making-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# From where this host has its own packages, which a mirror of the user's may be nearest to.
sources=$(apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' \
    'Created-By: Packages' 2>/dev/null | grep 'bookworm' | sort -u)
# A small initial memory disk, which is quick to make and to unpack.
small='mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"
    printf "MODULES=list\nCOMPRESS=lz4\nFSTYPE=ext4\n" >"$1/etc/initramfs-tools/conf.d/test"
    printf "virtio_pci\nvirtio_blk\next4\n" >"$1/usr/share/initramfs-tools/modules.d/test"'
mmdebstrap --quiet --variant=minbase --essential-hook="$small" \
    --include=systemd-sysv,systemd-boot-efi,udev,dbus,kmod,iproute2 \
    --include=openssh-server,cloud-init,cloud-guest-utils,fdisk,qemu-guest-agent,sudo,linux-image-cloud-amd64 \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$work/root" ${sources:+-} <<<"$sources"
root=$work/root

# What a cloud image has: no keys, no identity, a console, the network left to cloud-init.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
printf 'LABEL=root / ext4 defaults 0 0\n' >"$root/etc/fstab"
printf 'localhost\n' >"$root/etc/hostname"
cat >"$root/etc/cloud/cloud.cfg.d/90_test.cfg" <<'END'
datasource_list: [ NoCloud, None ]
locale: false
ssh_genkeytypes: [ ed25519 ]
cloud_config_modules: [ set-passwords, runcmd ]
cloud_final_modules: [ write-files-deferred, scripts-user, final-message ]
END
chroot "$root" systemctl -q enable systemd-networkd
# What nobody asks for, and an emulator takes seconds for.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer \
    systemd-networkd-wait-online.service systemd-network-generator.service e2scrub_reap.service \
    systemd-pstore.service systemd-binfmt.service getty@tty1.service \
    dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
    sys-fs-fuse-connections.mount sys-kernel-config.mount modprobe@.service kmod-static-nodes.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    systemd-rfkill.socket; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

raw=$work/disk.raw esp_mib=80 root_mib=1000
truncate -s $((esp_mib + root_mib + 2))M "$raw"
printf 'label: gpt\nstart=1MiB, size=%dMiB, type=uefi\nsize=%dMiB, type=linux\n' $esp_mib $root_mib |
    sfdisk -q "$raw"
esp=$raw@@1M
mformat -i "$esp" -T $((esp_mib * 2048)) -h 64 -s 32 -v BOOT ::
mmd -i "$esp" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
mcopy -i "$esp" "$root/usr/lib/systemd/boot/efi/systemd-bootx64.efi" ::/EFI/BOOT/BOOTX64.EFI
mcopy -i "$esp" "$root"/boot/vmlinuz-* ::/linux
mcopy -i "$esp" "$root"/boot/initrd.img-* ::/initrd.img
printf 'default debian.conf\ntimeout 0\n' >"$work/loader.conf"
printf 'title debian\nlinux /linux\ninitrd /initrd.img\noptions root=LABEL=root console=ttyS0 quiet panic=-1\n' \
    >"$work/debian.conf"
mcopy -i "$esp" "$work/loader.conf" ::/loader/loader.conf
mcopy -i "$esp" "$work/debian.conf" ::/loader/entries/debian.conf
rm -rf "$root"/boot/* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
mke2fs -q -t ext4 -L root -E lazy_itable_init=1 -d "$root" "$work/root.raw" ${root_mib}M
dd if="$work/root.raw" of="$raw" bs=1M seek=$((esp_mib + 1)) conv=notrunc,sparse status=none
qemu-img convert -q -O qcow2 "$raw" "$work/cloud.qcow2"
rm -f "$cache"/cloud-*.qcow2
mv "$work/cloud.qcow2" "$ready"
cp --reflink=auto --sparse=always "$ready" "$folder/cloud.qcow2"
