# SPDX-License-Identifier: Apache-2.0
# Bundles that people published. They lie beside the checkout, and not everybody has them.
load lib

setup() {
    [ -f "$UTMCTL_TEST_FIXTURES/INDEX.md" ] || skip "no published bundles here"
    box_open
}

teardown() { box_close; }

# rows KIND: folder and path of the version 4 QEMU ones of the four first architectures.
rows() {
    awk -F'|' -v kind="$1" '
        { for (i = 1; i <= NF; i++) gsub(/^ +| +$/, "", $i) }
        $5 == 4 && $6 == "QEMU" && $7 ~ /^(x86_64|i386|aarch64|arm)$/ && $9 == kind { print $2 }
    ' "$UTMCTL_TEST_FIXTURES/INDEX.md"
}

bundle_in() { dirname "$(find "$UTMCTL_TEST_FIXTURES/$1" -name config.plist)"; }

# Some lie in a folder that is not called .utm; a copy that is makes them bundles.
copy_of() {
    mkdir -p "$BOX/$1.utm"
    cp "$(bundle_in "$1")"/*.plist "$BOX/$1.utm/"
    echo "$BOX/$1.utm"
}

@test "every valid one gives an argv" {
    for row in $(rows bundle); do
        bundle=$(copy_of "$row")
        for host in linux macos; do
            run -0 utmctl argv --host $host "$bundle"
            [[ "$output" == *-machine* ]]
        done
    done
}

@test "those with placeholders are refused by key" {
    for row in $(rows template); do
        bundle=$(copy_of "$row")
        run --separate-stderr utmctl argv "$bundle"
        echo "$row: $status $stderr"
        if grep -Eq '<integer>[^<]*[^-+0-9x<][^<]*</integer>|__[A-Z_]+__|\{\{|\$\{' "$bundle/config.plist"; then
            [ "$status" = 9 ]
            [ -z "$output" ]
            [[ "$stderr" =~ \"?[A-Z][A-Za-z]+(\[[0-9]+\])?\.[A-Z][A-Za-z]+ ]]
        fi
    done
}
