#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long "utmctl mount" takes until the guest sees the medium, beside QEMU's own time for it.

    mount.py [BUILD]    BUILD is a folder with a release build; by default build/release

A demo machine is started without a sandbox, so that QEMU can be told over a connection that stands
already to open the image itself; that, and utmctl mount, take turns. The guest reads the beginning
of its CD drive over and over and says on its console when it has changed. Exit status 1 when the
median of utmctl mount is more than 10 ms above the other.
"""
import glob
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = int(os.environ.get("BENCH_RUNS", "30"))
TARGET_MS = 10
GUEST = """modprobe sr_mod; while :; do
  now=$(head -c 8 /dev/sr0 2>/dev/null); [ "$now" = "$was" ] || echo "SEEN $now" >/dev/ttyS0; was=$now
done"""

source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(source, "build", "release")
utmctl = os.path.join(build, "cmd", "utmctl")
box = tempfile.mkdtemp(prefix="utmctl-bench-", dir="/tmp")
os.environ.update(XDG_RUNTIME_DIR=box + "/run", XDG_STATE_HOME=box + "/state",
                  XDG_DATA_HOME=box + "/data", CI="1")
os.environ.pop("UTMCTL_LIBRARY", None)
os.mkdir(box + "/run", 0o700)


def run(*words):
    return subprocess.run([utmctl, *words], check=True, capture_output=True, text=True).stdout


class Monitor:
    """A connection to the machine's monitor that stands."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(glob.glob(box + "/run/utmctl/*/qmp")[0])
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.call("qmp_capabilities")

    def call(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])
            if "return" in answer:
                return answer["return"]


def wait_for(log, text, limit=30):
    """Seconds since the epoch when the guest's console has a text, looked for every half a ms."""
    deadline = time.monotonic() + limit
    with open(log, "rb") as console:
        console.seek(0, os.SEEK_END)
        seen = b""
        yield None
        while text not in seen:
            if time.monotonic() > deadline:
                raise TimeoutError(text)
            seen += console.read()
            time.sleep(0.0005)
    yield time.monotonic()


def measure(log, number, change):
    """From asking for a new medium to the guest's word that it sees it, in ms."""
    image = "%s/medium-%d.iso" % (box, number)
    with open(image, "wb") as file:
        file.write(b"%08d" % number + bytes(1048568))
    watch = wait_for(log, b"SEEN %08d" % number)
    next(watch)
    begin = time.monotonic()
    change(image)
    return (next(watch) - begin) * 1000


def main():
    run("create", "--template", "demo", "bench")
    run("config", "add", "bench", "Drive", "ImageType=CD", "Interface=IDE", "Identifier=CD0")
    run("start", "--accel", "tcg", "--no-sandbox", "bench")
    log = glob.glob(box + "/state/utmctl/*/serial0.log")[0]
    while b"READY" not in open(log, "rb").read():
        time.sleep(0.1)
    time_limit = time.monotonic() + 30
    while subprocess.run([utmctl, "exec", "bench", "--cmd", "true"], capture_output=True).returncode:
        if time.monotonic() > time_limit:
            raise TimeoutError("the guest's agent")
    subprocess.Popen([utmctl, "exec", "bench", "--cmd", "sh", "-c", GUEST],
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    monitor = Monitor()
    ways = {
        "QEMU alone": lambda image: monitor.call("blockdev-change-medium", device="driveCD0",
                                                 filename=image, format="raw", force=True),
        "utmctl mount": lambda image: run("mount", "bench", "cd", image, "--force"),
    }
    times = {name: [] for name in ways}
    for number in range(2 * RUNS + 2):
        name = list(ways)[number % 2]
        took = measure(log, number + 1, ways[name])
        if number >= 2:
            times[name].append(took)
    medians = {name: statistics.median(list_) for name, list_ in times.items()}
    for name, list_ in times.items():
        print("%-14s median %6.1f ms, least %6.1f ms, of %d" %
              (name, medians[name], min(list_), len(list_)))
    above = medians["utmctl mount"] - medians["QEMU alone"]
    print("utmctl mount is %.1f ms above QEMU's own time; the target is %d ms" % (above, TARGET_MS))
    return above > TARGET_MS


try:
    status = main()
finally:
    subprocess.run([utmctl, "stop", "--kill", "bench"], capture_output=True, check=False)
    shutil.rmtree(box)
sys.exit(status)
