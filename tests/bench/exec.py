#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far "utmctl exec" is from what the guest's agent can do, and "run --rm" from a cold boot.

    exec.py [BUILD]    BUILD is a folder with a release build; by default build/release

A demo machine is started. Taking turns:
  - "exec true", and a script on a connection that stands: guest-exec, then guest-exec-status until
    the program has ended
  - 32 MiB of output, and the same read by guest-file-read in blocks of 1 MiB, two under way
  - "run --rm" of a warm snapshot up to the first output of its command, and that of a machine that
    boots
Exit status 1 when a ratio is beyond its limit. The limit of "exec true" is what --at-end comes near
to: a shell that holds the program's output costs an emulated guest two more processes. BENCH_RUNS is how often, 40 by default.
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

RUNS = int(os.environ.get("BENCH_RUNS", "40"))
SIZE = 32 * 1024 * 1024
BLOCK = 1024 * 1024
LIMITS = {"exec true": 1.3, "exec --at-end true": 1.3, "streaming": 0.9, "warm run": 10}

source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(source, "build", "release")
utmctl = os.path.join(build, "cmd", "utmctl")
box = tempfile.mkdtemp(prefix="utmctl-bench-", dir="/tmp")
os.environ.update(XDG_RUNTIME_DIR=box + "/run", XDG_STATE_HOME=box + "/state",
                  XDG_DATA_HOME=box + "/data", CI="1")
os.environ.pop("UTMCTL_LIBRARY", None)
os.mkdir(box + "/run", 0o700)


def run(*words):
    return subprocess.run([utmctl, *words], check=True, stdin=subprocess.DEVNULL,
                          capture_output=True).stdout


class Monitor:
    """A connection to the machine's monitor that stands."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(glob.glob(box + "/run/utmctl/*/qmp")[0])
        self.file = self.socket.makefile("rb")
        self.file.readline()
        self.call("qmp_capabilities")

    def send(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())

    def receive(self):
        while True:
            answer = json.loads(self.file.readline())
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])
            if "return" in answer:
                return answer["return"]

    def call(self, command, **arguments):
        self.send(command, **arguments)
        return self.receive()


def timed(action, *arguments):
    begin = time.monotonic()
    action(*arguments)
    return time.monotonic() - begin


def bare_true(monitor):
    pid = monitor.call("guest-exec", **{"path": "true", "capture-output": True})["pid"]
    while not monitor.call("guest-exec-status", pid=pid)["exited"]:
        time.sleep(0.0005)


def bare_read(monitor):
    handle = monitor.call("guest-file-open", path="/tmp/much", mode="r")
    for _ in range(2):
        monitor.send("guest-file-read", handle=handle, count=BLOCK)
    total = 0
    for _ in range(SIZE // BLOCK):
        total += monitor.receive()["count"]
        monitor.send("guest-file-read", handle=handle, count=BLOCK)
    for _ in range(2):
        monitor.receive()
    monitor.call("guest-file-close", handle=handle)
    assert total == SIZE, total


def streamed():
    data = run("exec", "bench", "--", "cat", "/tmp/much")
    assert len(data) == SIZE, len(data)


def first_output(*words):
    """Until a command in the guest has written its first byte."""
    begin = time.monotonic()
    with subprocess.Popen([utmctl, "run", "--rm", *words, "--", "echo", "there"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        assert process.stdout.read(1) == b"t"
        took = time.monotonic() - begin
        process.stdout.read()
    assert process.returncode == 0
    return took


def report(name, ours, other, other_name, ratio, limit, good):
    print("%-20s %9.1f, %s %9.1f: ratio %5.2f, limit %s%s" %
          (name, ours, other_name, other, ratio, limit, "" if good else "  MISSED"), flush=True)
    return good


def bench_true(monitor):
    bare, plain, at_end = [], [], []
    for number in range(RUNS + 2):
        times = (timed(bare_true, monitor), timed(run, "exec", "bench", "--", "true"),
                 timed(run, "exec", "--at-end", "bench", "--", "true"))
        if number >= 2:
            for list_, took in zip((bare, plain, at_end), times):
                list_.append(took * 1000)
    base = statistics.median(bare)
    good = True
    for name, list_ in (("exec true", plain), ("exec --at-end true", at_end)):
        ours = statistics.median(list_)
        good &= report(name + ", ms", ours, base, "bare", ours / base, LIMITS[name],
                       ours / base <= LIMITS[name])
    return good


def bench_stream(monitor):
    run("exec", "bench", "--", "dd", "if=/dev/urandom", "of=/tmp/much", "bs=1M",
        "count=%d" % (SIZE // BLOCK))
    bare, ours = [], []
    for _ in range(max(RUNS // 8, 1)):
        bare.append(SIZE / timed(bare_read, monitor) / 1e6)
        ours.append(SIZE / timed(streamed) / 1e6)
    run("exec", "bench", "--", "rm", "/tmp/much")
    base, rate = statistics.median(bare), statistics.median(ours)
    return report("streaming, MB/s", rate, base, "channel", rate / base, LIMITS["streaming"],
                  rate / base >= LIMITS["streaming"])


def bench_run():
    run("snapshot", "create", "bench", "ready", "--warm")
    run("stop", "--kill", "bench")
    cold, warm = [], []
    for _ in range(max(RUNS // 8, 1)):
        cold.append(first_output("--accel", "tcg", "bench") * 1000)
        warm.extend(first_output("bench@ready") * 1000 for _ in range(3))
    base, ours = statistics.median(cold), statistics.median(warm)
    return report("warm run, ms", ours, base, "cold", base / ours, LIMITS["warm run"],
                  base / ours >= LIMITS["warm run"])


def main():
    run("create", "--template", "demo", "bench")
    run("start", "--accel", "tcg", "bench", "--wait", "agent", "--wait", "serial=READY")
    monitor = Monitor()
    good = bench_true(monitor)
    good &= bench_stream(monitor)
    return bench_run() and good


try:
    status = 0 if main() else 1
finally:
    subprocess.run([utmctl, "stop", "--kill", "bench"], capture_output=True, check=False)
    shutil.rmtree(box)
sys.exit(status)
