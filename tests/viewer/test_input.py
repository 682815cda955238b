# SPDX-License-Identifier: Apache-2.0
"""Keys arrive in the guest as a PC's keyboard sends them, and the pointer to the pixel."""

import re
import subprocess
import unittest

from harness import LIMIT, Process, ViewerTest, wait_until

# What a PC sends for keys, by Linux' number of the key; X has 8 more. What is not here is either no
# key of SDL's or none of QEMU 7.2's, such as Hangul.
# Source: Linux include/uapi/linux/input-event-codes.h; keycodemapdb data/keymaps.csv
PLAIN = {code: (code,) for code in range(1, 84)}
PLAIN.update({86: (0x56,), 87: (0x57,), 88: (0x58,), 89: (0x73,), 91: (0x77,), 92: (0x79,), 93: (0x70,),
              94: (0x7B,), 117: (0x59,), 124: (0x7D,)})
EXTENDED = {96: 0x1C, 97: 0x1D, 98: 0x35, 100: 0x38, 102: 0x47, 103: 0x48, 104: 0x49, 105: 0x4B, 106: 0x4D,
            107: 0x4F, 108: 0x50, 109: 0x51, 110: 0x52, 111: 0x53, 113: 0x20, 114: 0x2E, 115: 0x30, 116: 0x5E,
            125: 0x5B, 126: 0x5C, 127: 0x5D, 140: 0x21, 142: 0x5F, 155: 0x6C, 156: 0x66, 157: 0x6B, 158: 0x6A,
            159: 0x69, 163: 0x19, 164: 0x22, 165: 0x10, 166: 0x24, 172: 0x32, 173: 0x67, 226: 0x6D}
PAUSE, PRINT = 119, 210
CTRL, ALT, CAPS_LOCK, A, M, G, ENTER = 29, 56, 58, 30, 50, 34, 28
NUM_LOCK, SCROLL_LOCK = 69, 70


def down_and_up(code):
    if code == PAUSE:
        return "e1 1d 45 e1 9d c5"
    if code == PRINT:
        return "e0 2a e0 37 e0 b7 e0 aa"
    if code in EXTENDED:
        return "e0 %02x e0 %02x" % (EXTENDED[code], EXTENDED[code] | 0x80)
    return "%02x %02x" % (PLAIN[code][0], PLAIN[code][0] | 0x80)


class InputTest(ViewerTest):
    def focus(self, viewer):
        window = viewer.window()
        self.desktop.output("xdotool", "windowfocus", "--sync", window)
        return window

    def do(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env=self.desktop.env, check=True, timeout=LIMIT)

    def heard(self, machine, expected):
        """The guest has heard these bytes since it was asked last, and no others."""
        got = []

        def all_came():
            machine.serial.write("idle\n")
            while True:
                line = machine.serial.readline().split()
                if line == ["ok"]:
                    return len(got) >= len(expected.split())
                got.extend(line[1:] if line[0] == "key" else [])

        try:
            wait_until(all_came, "keys", 5)
        except AssertionError:
            pass
        self.assertEqual(" ".join(got), expected)

    def keyboard(self, *options, **how):
        machine = self.machine(**how)
        viewer = self.viewer(machine, *options)
        machine.tell("mode 640 480")
        self.assert_same(machine, viewer)
        self.focus(viewer)
        # Lock keys are told with the focus; from here on nothing else is.
        machine.tell("idle")
        return machine, viewer

    def key(self, action, *codes):
        for code in codes:
            # xdotool would take 9 for the digit.
            self.do(action, code + 8 if code > 1 else "Escape")

    def test_every_key(self):
        machine, _ = self.keyboard()
        for code in sorted([*PLAIN, *EXTENDED, PAUSE, PRINT]):
            with self.subTest(code=code):
                self.key("key", code)
                self.heard(machine, down_and_up(code))
        # No lock stays for other tests: their viewers would tell it when they get the focus.
        self.key("key", CAPS_LOCK, NUM_LOCK, SCROLL_LOCK)

    def test_focus_lost(self):
        machine, viewer = self.keyboard()
        self.key("keydown", CTRL, A)
        self.heard(machine, "1d 1e")
        other = Process(["xlogo"], env=self.desktop.env)
        self.addCleanup(other.end)
        window = wait_until(lambda: self.desktop.output(
            "xdotool", "search", "--onlyvisible", "--class", "XLogo").split(), "another window")[0]
        self.do("windowfocus", "--sync", window)
        self.heard(machine, "9e 9d")
        self.key("keyup", A, CTRL)
        # What was pressed over there is not let go here; the lock that was turned there is told here.
        self.key("key", CAPS_LOCK)
        self.heard(machine, "")
        self.focus(viewer)
        self.heard(machine, "3a ba")
        self.key("key", CAPS_LOCK)

    def test_commands(self):
        """Ctrl-Alt with a command's key is the viewer's, with another the guest's."""
        machine, viewer = self.keyboard()
        self.key("keydown", CTRL, ALT)
        self.key("key", A)
        self.heard(machine, "1d 38 1e 9e")
        self.key("key", G)
        self.heard(machine, "")
        wait_until(lambda: "has all keys" in viewer.name(), "the title to say it")
        self.key("keyup", ALT, CTRL)
        self.heard(machine, "b8 9d")
        self.assertIn("has all keys", viewer.name())
        self.key("keydown", CTRL, ALT)
        self.key("keyup", ALT, CTRL)
        self.heard(machine, "1d 38 b8 9d")
        wait_until(lambda: "has all keys" not in viewer.name(), "the title to be as before")

    def test_menu(self):
        machine, viewer = self.keyboard("--key", "Lock=super-l")

        def menus():
            lines = self.desktop.output("wmctrl", "-l").decode().splitlines()
            return [line.split()[0] for line in lines if line.endswith(" test: menu")]

        def open_menu():
            self.focus(viewer)
            self.key("keydown", CTRL, ALT)
            self.key("key", M)
            self.key("keyup", ALT, CTRL)
            # Those keys are the menu's: the guest sees both let go at once.
            self.heard(machine, "1d 38 9d b8")
            menu = wait_until(menus, "the menu")[0]
            self.desktop.output("xdotool", "windowfocus", "--sync", menu)

        open_menu()
        self.do("key", "Return")
        self.heard(machine, "e0 5b 26 a6 e0 db")
        wait_until(lambda: not menus(), "the menu to close")
        open_menu()
        self.do("key", "Escape")
        wait_until(lambda: not menus(), "the menu to close")
        self.heard(machine, "")
        open_menu()
        self.assertEqual(viewer.end()[0], 130)

    def test_full_screen(self):
        machine, viewer = self.keyboard()
        self.key("keydown", CTRL, ALT)
        self.key("key", ENTER)
        wait_until(lambda: viewer.picture().size() == (1600, 1200), "a full screen")
        self.key("key", ENTER)
        wait_until(lambda: viewer.picture().size() == (640, 480), "the size that it had")
        self.key("keyup", ALT, CTRL)
        self.heard(machine, "1d 38 b8 9d")

    # ---- pointers ----

    def pointer(self, *options, tablet=True, enlarged=1):
        log = self.folder + "/input.log"
        devices = ["-device", "qemu-xhci", "-device", "usb-tablet"] if tablet else []
        machine = self.machine(*devices, "-trace", "input_event_*", "-D", log)
        for mouse in machine.qmp("query-mice"):
            if mouse["absolute"]:
                # The driver of a guest would do so.
                machine.qmp("human-monitor-command", **{"command-line": "mouse_set %d" % mouse["index"]})
        machine.events = open(log)
        self.addCleanup(machine.events.close)
        viewer = self.viewer(machine, *options)
        machine.tell("mode 640 480")
        self.assert_same(machine, viewer, enlarged=enlarged)
        self.do("mousemove", 5, 5)
        viewer.at = self.place(viewer)
        machine.events.read()
        return machine, viewer

    def place(self, viewer):
        where = self.desktop.output("xwininfo", "-id", viewer.window()).decode()
        return [int(re.search(r"Absolute upper-left %s: *(-?\d+)" % axis, where)[1]) for axis in "XY"]

    def events(self, machine, count):
        """What QEMU was told: ("abs", "x", 17), ("btn", "left", 1)…"""
        got = []

        def all_came():
            for line in machine.events.readlines():
                found = re.search(r"input_event_(abs|rel|btn) .*?, (?:axis|button) (\S+), .*?(\S+)$", line)
                if found:
                    got.append((found[1], found[2], int(found[3], 0)))
            return len(got) >= count

        try:
            wait_until(all_came, "%d events" % count, 5)
        except AssertionError:
            self.fail("%d events are too few: %s" % (len(got), got))
        return got

    def assert_at(self, machine, x, y):
        """The tablet is where QEMU puts this pixel; of a drag only the end counts."""
        want = [("abs", "x", x * 0x7FFF // 640), ("abs", "y", y * 0x7FFF // 480)]
        seen = {}

        def there():
            for line in machine.events.readlines():
                found = re.search(r"input_event_abs .*?axis (\S+), value (\S+)$", line)
                if found:
                    seen[found[1]] = int(found[2], 0)
            return all(abs(seen.get(axis, -9) - value) <= 1 for _, axis, value in want)

        try:
            wait_until(there, "the pointer", 5)
        except AssertionError:
            self.fail("the tablet says %s, not %s" % (seen, want))

    def test_tablet(self):
        machine, viewer = self.pointer()
        left, top = viewer.at
        for x, y in ((1, 1), (639, 479), (320, 17), (33, 240)):
            self.do("mousemove", left + x, top + y)
            self.assert_at(machine, x, y)

    def test_tablet_scaled(self):
        machine, viewer = self.pointer("--scale", "2", "--filter", "sharp", enlarged=2)
        left, top = viewer.at
        for x, y in ((1, 1), (639, 479), (100, 200)):
            self.do("mousemove", left + 2 * x + 1, top + 2 * y + 1)
            self.assert_at(machine, x, y)

    def test_buttons(self):
        machine, viewer = self.pointer()
        left, top = viewer.at
        self.do("mousemove", left + 50, top + 50)
        self.assert_at(machine, 50, 50)
        for button, name in ((1, "left"), (2, "middle"), (3, "right"), (8, "side"), (9, "extra"),
                             (4, "wheel-up"), (5, "wheel-down")):
            self.do("click", button)
            self.assertEqual(self.events(machine, 2), [("btn", name, 1), ("btn", name, 0)])

    def test_mouse(self):
        """The first click takes the pointer and is not the guest's; Ctrl-Alt gives it back."""
        machine, viewer = self.pointer(tablet=False)
        left, top = viewer.at
        self.assertIn("a click takes the pointer", viewer.name())
        self.focus(viewer)
        self.do("mousemove", left + 50, top + 50)
        self.do("click", 1)
        wait_until(lambda: "Ctrl-Alt releases the pointer" in viewer.name(), "the grab")
        self.do("mousemove_relative", "--", 7, -3)
        moved = self.events(machine, 2)
        self.assertIn(("rel", "x", 7), moved)
        self.assertIn(("rel", "y", -3), moved)
        self.assertNotIn("btn", [kind for kind, _, _ in moved])
        self.do("click", 3)
        self.assertEqual([e for e in self.events(machine, 2) if e[0] == "btn"],
                         [("btn", "right", 1), ("btn", "right", 0)])
        self.key("keydown", CTRL, ALT)
        self.key("keyup", ALT, CTRL)
        wait_until(lambda: "a click takes the pointer" in viewer.name(), "the release")

    def test_mouse_wanted(self):
        """A mouse where the guest has a tablet, and back."""
        machine, viewer = self.pointer("--pointer", "mouse")
        wait_until(lambda: "a click takes the pointer" in viewer.name(), "a mouse")
        self.focus(viewer)
        self.key("keydown", CTRL, ALT)
        self.do("key", 25 + 8)
        self.key("keyup", ALT, CTRL)
        wait_until(lambda: "pointer" not in viewer.name(), "a tablet")
        left, top = viewer.at
        self.do("mousemove", left + 9, top + 8)
        self.assert_at(machine, 9, 8)


if __name__ == "__main__":
    unittest.main()
