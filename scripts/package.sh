#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds a Debian package and prints its path.
set -eu
cd "$(dirname "$0")/.."
scripts/packages.sh --install build >&2
build=build/package
cmake --preset release -B $build -DBUILD_TESTING=OFF >&2
cmake --build $build >&2
rm -f $build/*.deb
cmake --build $build --target package >&2
ls "$PWD/$build"/*.deb
