#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""names.py CONFIG BUNDLE: puts path tricks into every string of a configuration, one after the
other, and prints what got through: an argument that names a file outside, or one that is an option.
BUNDLE is a folder for the machine that is made; its images are empty.

UTMCTL is the program. What a machine may say on QEMU's command line by its design is left out: that
is what trust is for."""
import copy
import json
import os
import pathlib
import plistlib
import re
import subprocess
import sys

TRICKS = ("../../../../../../../../etc/shadow", "x,file=/etc/shadow,romfile=/etc/shadow",
          "-monitor")
BY_DESIGN = ("AdditionalArguments", "MachinePropertyOverride")
# Properties whose value is opened, run or listened at.
OPENED = re.compile(r"(^|,)([a-z.]*file|filename|path|mem-path|script|downscript|dir|backend)="
                    r"[^,]*(/etc/shadow)")
config, bundle = plistlib.load(open(sys.argv[1], "rb")), pathlib.Path(sys.argv[2])


def strings(value, path=()):
    if isinstance(value, str):
        yield path
    elif isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(item, path + (key,))


def changed(path, text):
    result = copy.deepcopy(config)
    place = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = text
    return result


def arguments(document):
    """None when it is refused, which has a status of its own."""
    (bundle / "config.plist").write_bytes(plistlib.dumps(document))
    done = subprocess.run([os.environ["UTMCTL"], "argv", "--json", str(bundle)],
                          capture_output=True, text=True)
    if done.returncode:
        assert done.returncode in (2, 7, 9), done.stderr
        return None
    return json.loads(done.stdout)


def gets_through(words):
    return [word for word in words if word in TRICKS or
            OPENED.search(word.replace(",,", "\0"))]


(bundle / "Data").mkdir(parents=True)
for drive in config.get("Drive", []):
    if drive.get("ImageName"):
        (bundle / "Data" / drive["ImageName"]).write_bytes(bytes(65536))
assert arguments(config) is not None
tried = 0
for path in strings(config):
    if set(path) & set(BY_DESIGN):
        continue
    for trick in TRICKS:
        words = arguments(changed(path, trick))
        tried += 1
        for word in gets_through(words or []):
            print(".".join(map(str, path)), word)
        if path[-1] in ("UUID", "ImageName") and words is not None and "/" in trick:
            print(".".join(map(str, path)), "is not refused")
print(tried, "tried", file=sys.stderr)
