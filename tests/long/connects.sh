#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A viewer that loses its server and finds it again 1,000 times, and 1,000 viewers one after the
# other, with the sanitizers looking.
#
#   connects.sh [BUILD]    BUILD is a folder with a build, by default build/asan
#
# UTMCTL_CONNECTS is another number. Takes a quarter of an hour.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$source/build/asan}" && pwd)
: "${UTMCTL_CONNECTS:=1000}"
export UTMCTL_CONNECTS
export UTMCTL_DISPLAY="$build/libexec/utmctl/utmctl-display"
export UTMCTL_VIEWER_GUEST="$build/tests/viewer/guest.elf"
exec python3 -B "$source/tests/viewer/test_life.py" LifeTest.test_many_connections ManyViewersTest
