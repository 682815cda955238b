#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the viewer with others: one run, the same server, desktop and guest for all of them.

    viewer.py [--seconds N] [--rounds N] BUILD     BUILD is a folder with a release build

A bare client of spice-glib, which shows nothing, tells what none of them can avoid. Frames are
counted from outside, so that skipping some is no gain. Ends with 1 when a target is missed.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
COLOUR = 0x10F020
# Pictures that the guest makes in a second; some viewers show more, because they show parts of them.
WORKLOADS = {"animate": 10, "scroll": 30, "idle": 0}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


OPTIONS = parse()
BUILD = os.path.abspath(OPTIONS.build)
os.environ["UTMCTL_DISPLAY"] = os.path.join(BUILD, "libexec/utmctl/utmctl-display")
os.environ["UTMCTL_VIEWER_GUEST"] = os.path.join(BUILD, "tests/viewer/guest.elf")
sys.path.insert(0, os.path.join(HERE, "..", "viewer"))
from harness import Desktop, Machine, Process, wait_until  # noqa: E402

WATCH = os.path.join(BUILD, "tests/bench/viewer-watch")


def clients(socket):
    uri = "spice+unix://" + socket
    found = {
        "bare": [os.path.join(BUILD, "tests/bench/viewer-bare"), socket],
        "utmctl-display": [os.environ["UTMCTL_DISPLAY"], "--title", "bench", "--no-audio", "--socket", socket],
        "remote-viewer": ["remote-viewer", "--spice-disable-audio", uri],
        "spicy": ["spicy", "--spice-disable-audio", "--uri=" + uri],
    }
    return {name: words for name, words in found.items() if shutil.which(words[0])}


def cpu_s(pid):
    """Seconds on a processor of all threads, from the scheduler, which counts nanoseconds."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task)) as file:
            total += int(file.read().split()[0])
    return total / 1e9


def pss_mb(pid):
    with open("/proc/%d/smaps_rollup" % pid) as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.desktop = Desktop(folder, "1920x1200x24")
        self.machine = Machine(folder)
        self.clients = clients(self.machine.socket)
        self.missed = 0

    def end(self):
        self.machine.end()
        self.desktop.end()

    def start(self, name):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        home = dict(self.desktop.env, HOME=self.folder, XDG_CACHE_HOME=self.folder, XDG_CONFIG_HOME=self.folder)
        return Process(self.clients[name], env=home, **quiet)

    def sample(self, name, workload):
        """CPU seconds per second, PSS and frames per second."""
        client = self.start(name)
        try:
            time.sleep(2.5)
            self.machine.tell(workload)
            time.sleep(0.5)
            pid, begin, before = client.process.pid, time.monotonic(), cpu_s(client.process.pid)
            frames = int(self.desktop.output(WATCH, "frames", str(OPTIONS.seconds)) or 0)
            took = time.monotonic() - begin
            return (cpu_s(pid) - before) / took, pss_mb(pid), frames / took
        finally:
            self.machine.tell("idle")
            client.end()

    def check(self, what, value, most, form="%.3f"):
        kept = value <= most
        self.missed += not kept
        print(("  %-58s " + form + "  (at most " + form + ")  %s") % (what, value, most, "ok" if kept else "MISSED"))

    def first(self, name):
        out = self.desktop.output(WATCH, "first", "%06x" % COLOUR, *self.clients[name])
        return float(out) if out else float("inf")

    def loads(self):
        self.machine.tell("mode 1280 800")
        for workload in WORKLOADS:
            print("%s, 1280x800" % workload)
            rows = {name: [] for name in self.clients}
            for _ in range(OPTIONS.rounds):
                for name in self.clients:
                    self.machine.tell("paint 1")
                    rows[name].append(self.sample(name, workload))
            middle = {name: [statistics.median(column) for column in zip(*row)] for name, row in rows.items()}
            for name, (cpu, pss, fps) in middle.items():
                print("  %-16s cpu %7.3f %%   pss %5.1f MB   %5.1f frames/s" % (name, cpu * 100, pss, fps))
            self.judge(workload, middle)

    def judge(self, workload, rows):
        ours = rows["utmctl-display"]
        self.check("PSS, MB", ours[1], 26, "%.1f")
        if workload == "idle":
            self.check("CPU, % of a processor", ours[0] * 100, 0.1)
        elif "remote-viewer" in rows:
            bare, other = rows["bare"], rows["remote-viewer"]
            above = (ours[0] - bare[0]) / max(other[0] - bare[0], 1e-9)
            self.check("CPU above the bare client, of remote-viewer's", above, 0.4)
            due = min(other[2], WORKLOADS[workload])
            self.check("frames that remote-viewer shows, of ours", due / max(ours[2], 0.1), 1.05)

    def first_frames(self):
        self.machine.tell("mode 1280 800")
        self.machine.tell("fill 0 0 1280 800 %d" % COLOUR)
        times = {name: [] for name in self.clients if name != "bare"}
        for _ in range(max(3, OPTIONS.rounds)):
            for name in times:
                times[name].append(self.first(name))
        print("first picture, ms after exec")
        for name, values in times.items():
            print("  %-16s %7.1f   (%s)" % (name, statistics.median(values), " ".join("%.0f" % v for v in values)))
        ours = statistics.median(times["utmctl-display"])
        self.check("first picture, ms", ours, 300, "%.1f")
        if "remote-viewer" in times:
            self.check("of remote-viewer's", ours / statistics.median(times["remote-viewer"]), 0.5)

    def latency(self):
        """From each damage message until it is on the screen; only the viewer itself knows that."""
        self.machine.tell("mode 1920 1080")
        words = self.clients["utmctl-display"] + ["--stats"]
        viewer = subprocess.Popen(words, env=self.desktop.env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        wait_until(lambda: self.desktop.windows("bench"), "the window")
        self.machine.tell("animate")
        time.sleep(OPTIONS.seconds)
        self.machine.tell("idle")
        viewer.terminate()
        line = next(line for line in viewer.communicate()[1].decode().splitlines() if "median" in line)
        print("1920x1080, animated\n  " + line)
        self.check("damage to picture, median, ms", float(line.split("median ")[1].split()[0]), 4, "%.2f")


def main():
    folder = tempfile.mkdtemp(prefix="utmctl-bench-", dir="/tmp")
    bench = None
    try:
        bench = Bench(folder)
        bench.first_frames()
        bench.latency()
        bench.loads()
        return 1 if bench.missed else 0
    finally:
        if bench:
            bench.end()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
