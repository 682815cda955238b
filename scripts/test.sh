#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds with sanitizers and runs every test.
#
#   test.sh [CTEST-OPTION...]     for example: test.sh -L unit, test.sh -R argv
set -eu
cd "$(dirname "$0")/.."
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME LC_ALL=C.UTF-8
unset UTMCTL_LIBRARY
jobs=$(nproc)

scripts/packages.sh --install build run demo test
cmake --preset asan
cmake --build --preset asan -j "$jobs"

# A test that hangs is ended with its children by ctest; sanitizers must end a test, not just print.
export ASAN_OPTIONS="${ASAN_OPTIONS:-abort_on_error=0:detect_leaks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
exec ctest --preset asan -j "$jobs" --output-junit "$PWD/build/asan/tests.xml" "$@"
