#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Debian packages that a purpose needs: prints them, or installs the missing ones.
#
#   packages.sh [--install] build|run|demo|test...
set -eu

of_group() {
    case $1 in
        build) echo cmake ninja-build gcc libc6-dev pkg-config dpkg-dev file scdoc \
            libglib2.0-dev libcjson-dev libplist-dev libarchive-dev libcurl4-openssl-dev libsdl2-dev \
            libspice-client-glib-2.0-dev libpixman-1-dev libx11-dev libxfixes-dev ;;
        # ipxe-qemu: network boot ROMs, without which no network card starts.
        run) echo qemu-system-x86 qemu-system-arm ipxe-qemu qemu-utils ovmf qemu-efi-aarch64 \
            qemu-efi-arm swtpm passt ;;
        # What the demo machine is made with; what it consists of is downloaded, not installed.
        demo) echo apt dpkg cpio kmod e2fsprogs xz-utils binutils qemu-utils fdisk mtools ;;
        test) echo bats bubblewrap clang llvm jq libedit2 python3 procps util-linux iproute2 mmdebstrap \
            openssh-client xvfb openbox xdotool wmctrl x11-apps x11-utils \
            libgl1-mesa-dri openssl xclip ;;
        *) echo "packages.sh: no group \"$1\"" >&2 && return 2 ;;
    esac
}

install=no
if [ "${1-}" = --install ]; then
    install=yes
    shift
fi
[ $# -gt 0 ] || { echo "usage: packages.sh [--install] build|run|demo|test..." >&2 && exit 2; }

wanted=
for group in "$@"; do
    wanted="$wanted $(of_group "$group")"
done
wanted=$(printf '%s\n' $wanted | sort -u)
if [ $install = no ]; then
    printf '%s\n' "$wanted"
    exit 0
fi

command -v apt-get >/dev/null || {
    echo "packages.sh: there is no apt here; please install what corresponds to:" >&2
    echo "$wanted" >&2
    exit 1
}
missing=
for package in $wanted; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
    sudo=sudo
    command -v sudo >/dev/null || {
        echo "packages.sh: needs root to install:$missing" >&2
        exit 1
    }
fi
echo "installing:$missing"
$sudo apt-get -qq -o Acquire::Retries=3 update
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 --no-install-recommends install $missing \
    </dev/null >/dev/null
