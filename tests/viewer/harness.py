# SPDX-License-Identifier: Apache-2.0
"""What the viewer's tests share: a desktop of their own, a guest, the viewer, and looking at it.

From ctest: UTMCTL_DISPLAY, the program; UTMCTL_VIEWER_GUEST, the guest's kernel. Everything that is
started here ends here, also when a test fails.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

VIEWER = os.environ["UTMCTL_DISPLAY"]
GUEST = os.environ["UTMCTL_VIEWER_GUEST"]
HERE = os.path.dirname(os.path.abspath(__file__))
# Far more than anything takes, also on a busy machine.
LIMIT = 90


def wait_until(condition, what, limit=LIMIT):
    """The first true value of condition(); what it waits for is named when it gives up."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("gave up waiting for " + what)
        time.sleep(0.02)


class Picture:
    """Width, height and rows of red, green and blue bytes."""

    def __init__(self, width, height, rgb):
        self.width, self.height, self.rgb = width, height, bytes(rgb)

    def __eq__(self, other):
        return (self.width, self.height, self.rgb) == (other.width, other.height, other.rgb)

    def size(self):
        return self.width, self.height

    def crop(self, x, y, width, height):
        rows = (self.rgb[((y + i) * self.width + x) * 3 :][: width * 3] for i in range(height))
        return Picture(width, height, b"".join(rows))

    def enlarged(self, factor):
        out = bytearray()
        for y in range(self.height):
            row = self.rgb[y * self.width * 3 :][: self.width * 3]
            wide = b"".join(row[i : i + 3] * factor for i in range(0, len(row), 3))
            out += wide * factor
        return Picture(self.width * factor, self.height * factor, out)

    def differences(self, other):
        if self.size() != other.size():
            return "%s and %s" % (self.size(), other.size())
        wrong = [i // 3 for i in range(0, len(self.rgb), 3) if self.rgb[i : i + 3] != other.rgb[i : i + 3]]
        places = [(i % self.width, i // self.width) for i in wrong]
        return "%d pixels, from %s to %s" % (len(wrong), places[:1], places[-1:])

    @staticmethod
    def from_ppm(data):
        kind, width, height, most = data.split(maxsplit=4)[:4]
        assert kind == b"P6" and most == b"255", data[:20]
        width, height = int(width), int(height)
        return Picture(width, height, data[-width * height * 3 :])

    @staticmethod
    def from_xwd(data):
        """Source: X11/XWDFile.h. Return: None when the picture is not complete"""
        if len(data) < 100:
            return None
        head = struct.unpack(">25I", data[:100])
        size, width, height, bits, stride, colours = head[0], head[4], head[5], head[11], head[12], head[19]
        assert bits == 32, bits
        pixels = data[size + colours * 12 :]
        if len(pixels) < stride * height:
            return None
        rgb = bytearray(width * height * 3)
        for channel, offset in enumerate((2, 1, 0)):
            if stride == width * 4:
                rgb[channel::3] = pixels[offset : width * height * 4 : 4]
                continue
            for y in range(height):
                row = pixels[y * stride :][: width * 4]
                rgb[y * width * 3 + channel : (y + 1) * width * 3 : 3] = row[offset::4]
        return Picture(width, height, rgb)

    def save(self, path):
        with open(path, "wb") as out:
            out.write(b"P6\n%d %d\n255\n" % (self.width, self.height) + self.rgb)


class Process:
    """A program that is ended with the test."""

    def __init__(self, words, **options):
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, **options)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


class Desktop:
    """An X server with a window manager."""

    def __init__(self, folder, size="1600x1200x24"):
        self.log = open(os.path.join(folder, "desktop.log"), "wb")
        read, write = os.pipe()
        self.server = Process(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-noreset"],
            pass_fds=[write], stdout=self.log, stderr=self.log)
        os.close(write)
        with os.fdopen(read) as number:
            self.name = ":" + number.readline().strip()
        self.env = dict(os.environ, DISPLAY=self.name)
        self.env.pop("WAYLAND_DISPLAY", None)
        self.manager = Process(["openbox", "--sm-disable"], env=self.env, stdout=self.log, stderr=self.log)
        wait_until(lambda: b"_NET_SUPPORTING_WM_CHECK(WINDOW)" in self.output("xprop", "-root"),
                   "a window manager")

    def output(self, *words):
        return subprocess.run(words, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              timeout=LIMIT).stdout

    def windows(self, title):
        """Windows whose titles begin so. (xdotool's search does not know those of SDL.)"""
        lines = (line.split(maxsplit=3) for line in self.output("wmctrl", "-l").decode().splitlines())
        return [line[0] for line in lines if len(line) == 4 and line[3].startswith(title)]

    def end(self):
        self.manager.end()
        self.server.end()
        self.log.close()


class Lines:
    """A socket that is read and written by lines. One text stream for both would forget, with each
    line that is written, what it has read ahead."""

    def __init__(self, end):
        self.end, self.reader = end, end.makefile("r")
        self.readline = self.reader.readline

    def write(self, text):
        self.end.sendall(text.encode())

    def close(self):
        self.reader.close()
        self.end.close()


class Machine:
    """QEMU with the guest of guest.c, or with the firmware alone."""

    def __init__(self, folder, *options, device="virtio-vga", kernel=True, spice="", name="m", unix=True):
        self.folder, self.name = folder, name
        self.socket = os.path.join(folder, name + ".spice")
        for path in (self.socket, self.path("qmp"), self.path("serial")):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        words = ["qemu-system-x86_64", "-accel", "tcg", "-machine", "q35", "-m", "64", "-nodefaults",
                 "-no-user-config", "-display", "none", "-no-reboot",
                 "-qmp", "unix:%s,server=on,wait=off" % self.path("qmp"),
                 "-serial", "unix:%s,server=on,wait=off" % self.path("serial"),
                 "-spice", ("unix=on,addr=%s," % self.socket if unix else "")
                 + (spice or "disable-ticketing=on") + ",image-compression=off,streaming-video=off"]
        words += ["-device", device] if device else []
        words += ["-kernel", GUEST] if kernel else []
        self.log = open(self.path("log"), "wb")
        self.qemu = Process(words + list(options), stdout=self.log, stderr=self.log)
        self.monitor = self.connect("qmp")
        self.monitor.readline()
        self.qmp("qmp_capabilities")
        self.serial = self.connect("serial") if kernel else None

    def path(self, name):
        return os.path.join(self.folder, self.name + "." + name)

    def connect(self, name):
        end = socket.socket(socket.AF_UNIX)
        end.settimeout(LIMIT)

        def tried():
            if self.qemu.process.poll() is not None:
                raise AssertionError("QEMU: " + open(self.path("log")).read())
            with contextlib.suppress(OSError):
                end.connect(self.path(name))
                return True

        wait_until(tried, "the socket " + name)
        return Lines(end)

    def qmp(self, command, **arguments):
        self.monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        while True:
            answer = json.loads(self.monitor.readline())
            if "error" in answer:
                raise AssertionError(answer)
            if "return" in answer:
                return answer["return"]

    def tell(self, command):
        """Have the guest do something; what it said since is kept in heard."""
        self.serial.write(command + "\n")
        wait_until(lambda: self.serial.readline() == "ok\n", "the guest to " + command)

    def screen(self, **which):
        path = self.path("ppm")
        self.qmp("screendump", filename=path, **which)
        with open(path, "rb") as file:
            return Picture.from_ppm(file.read())

    def end(self, number=signal.SIGKILL):
        self.qemu.end(number)
        for stream in (self.monitor, self.serial, self.log):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


class Viewer:
    """utmctl-display, and what can be seen of it."""

    def __init__(self, desktop, *options, title="test", env=None, stdin=None):
        self.desktop, self.title = desktop, title
        self.process = subprocess.Popen([VIEWER, "--title", title, "--no-audio", *options],
                                        env=env or desktop.env, stdin=stdin or subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def window(self):
        return wait_until(self.any_window, "a window of the viewer")

    def any_window(self):
        if self.process.poll() is not None:
            raise AssertionError("the viewer ended: " + self.process.stderr.read().decode())
        return next(iter(self.desktop.windows(self.title)), None)

    def picture(self, window=None):
        window = window or self.any_window()
        data = self.desktop.output("xwd", "-silent", "-id", window) if window else b""
        # Nothing whole comes of a window that is just given another size.
        return Picture.from_xwd(data) or Picture(0, 0, b"")

    def name(self):
        return self.desktop.output("xdotool", "getwindowname", self.window()).decode().strip()

    def wait(self, limit=LIMIT):
        """Exit status, and what it said on standard error without what a sanitizer says of itself."""
        _, errors = self.process.communicate(timeout=limit)
        return self.process.returncode, errors.decode()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise AssertionError("the viewer did not end")


class ViewerTest(unittest.TestCase):
    """A desktop for all tests of a class, and machines and viewers of each."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="utmctl-viewer-", dir="/tmp")
        for tool in ("lsan", "tsan"):
            known = "suppressions=%s:print_suppressions=0" % os.path.join(HERE, tool + ".supp")
            os.environ.setdefault(tool.upper() + "_OPTIONS", known)
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.desktop = Desktop(cls.folder)
        cls.addClassCleanup(cls.desktop.end)

    def machine(self, *options, **how):
        machine = Machine(self.folder, *options, **how)
        self.addCleanup(machine.end)
        return machine

    def viewer(self, target, *options, **how):
        where = ["--socket", target.socket] if isinstance(target, Machine) else [target] if target else []
        viewer = Viewer(self.desktop, *where, *options, **how)
        self.addCleanup(self.close, viewer)
        return viewer

    def without_leaks(self):
        """OpenGL's drivers leak, and are unloaded before anybody could say that it was they."""
        options = os.environ.get("ASAN_OPTIONS", "")
        return dict(self.desktop.env, ASAN_OPTIONS=options + ":detect_leaks=0")

    def close(self, viewer):
        """Whatever a sanitizer found is a failure."""
        if viewer.process.returncode is None:
            _, errors = viewer.end()
            self.assert_clean(errors)

    def assert_clean(self, errors):
        for word in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "CRITICAL", "ThreadSanitizer"):
            self.assertNotIn(word, errors)

    def assert_ends(self, viewer, status, *words):
        got, errors = viewer.wait()
        self.assert_clean(errors)
        self.assertEqual(got, status, errors)
        for word in words:
            self.assertIn(word, errors)

    def assert_same(self, machine, viewer, crop=None, enlarged=1, **which):
        """The window shows what QEMU says the guest's screen is."""
        seen = []

        def same():
            want = machine.screen(**which)
            want = want.enlarged(enlarged) if enlarged > 1 else want
            got = viewer.picture()
            got = got.crop(*crop(got)) if crop and got.width else got
            seen[:] = [want, got]
            return want == got

        try:
            wait_until(same, "the picture", 8)
        except AssertionError:
            want, got = seen
            want.save("/tmp/utmctl-viewer-want.ppm")
            got.save("/tmp/utmctl-viewer-got.ppm")
            self.fail("the window is not what the guest's screen is: " + want.differences(got))
