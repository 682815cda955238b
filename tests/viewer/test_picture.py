# SPDX-License-Identifier: Apache-2.0
"""What the window shows is the guest's screen, pixel for pixel."""

import unittest

from harness import ViewerTest, wait_until


class PictureTest(ViewerTest):
    def test_firmware(self):
        machine = self.machine(kernel=False)
        viewer = self.viewer(machine)
        self.assert_same(machine, viewer)

    def session(self, machine, viewer):
        """Modes, large and small changes, one after the other."""
        for width, height in ((640, 480), (1280, 800), (800, 600), (1024, 768)):
            machine.tell("mode %d %d" % (width, height))
            machine.tell("paint %d" % width)
            self.assert_same(machine, viewer)
            self.assertEqual(viewer.picture().size(), (width, height))
        for x, y, w, h, colour in ((0, 0, 1, 1, 0xFF0000), (1023, 767, 1, 1, 0xFF00), (17, 33, 200, 3, 255)):
            machine.tell("fill %d %d %d %d %d" % (x, y, w, h, colour))
            self.assert_same(machine, viewer)
        machine.tell("copy 10 10 300 200 500 400")
        self.assert_same(machine, viewer)
        machine.tell("mode 0 0")
        self.assert_same(machine, viewer)

    def test_virtio(self):
        machine = self.machine(device="virtio-vga")
        self.session(machine, self.viewer(machine))

    def test_vga(self):
        machine = self.machine(device="VGA")
        self.session(machine, self.viewer(machine))

    def test_qxl(self):
        machine = self.machine(device="qxl-vga")
        self.session(machine, self.viewer(machine))

    def test_texture(self):
        machine = self.machine()
        self.session(machine, self.viewer(machine, "--renderer", "texture", env=self.without_leaks()))

    def test_moving(self):
        """After a while of animation and of scrolling nothing old is left."""
        machine = self.machine()
        viewer = self.viewer(machine)
        machine.tell("mode 1024 768")
        self.assert_same(machine, viewer)
        for workload in ("animate", "scroll"):
            machine.tell(workload)
            before = viewer.picture()
            wait_until(lambda: viewer.picture() != before, "a picture that moves")
            wait_until(lambda: viewer.picture() != before, "a picture that moves")
            machine.tell("idle")
            self.assert_same(machine, viewer)


class WindowTest(ViewerTest):
    def setUp(self):
        super().setUp()
        self.guest = self.machine()
        self.guest.tell("mode 640 480")
        self.guest.tell("paint 5")

    def resize(self, viewer, width, height):
        window = viewer.window()
        self.desktop.output("xdotool", "windowsize", window, str(width), str(height))
        wait_until(lambda: viewer.picture().size() == (width, height), "another size")

    def test_enlarged(self):
        viewer = self.viewer(self.guest, "--scale", "2", "--filter", "sharp")
        self.assert_same(self.guest, viewer, enlarged=2)
        self.guest.tell("fill 100 100 3 5 16711680")
        self.assert_same(self.guest, viewer, enlarged=2)

    def test_enlarged_texture(self):
        viewer = self.viewer(self.guest, "--scale", "2", "--filter", "sharp", "--renderer", "texture",
                             env=self.without_leaks())
        self.assert_same(self.guest, viewer, enlarged=2)

    def colours_of_reduced(self, *options):
        """The colours in which a line of one pixel is shown at half its size."""
        self.guest.tell("fill 0 0 640 480 16711680")
        self.guest.tell("fill 101 0 1 480 255")
        viewer = self.viewer(self.guest, "--scale", "0.5", "--filter-reduced", *options,
                             env=self.without_leaks())
        wait_until(lambda: viewer.picture().size() == (320, 240), "half the size")
        wait_until(lambda: viewer.picture().rgb[:3] == b"\xff\0\0", "the guest's picture")
        row = viewer.picture().crop(0, 100, 320, 1).rgb
        viewer.end()
        return {row[i:i + 3] for i in range(0, len(row), 3)}

    def test_reduced(self):
        pure = {b"\xff\0\0", b"\0\0\xff"}
        for renderer in ("surface", "texture"):
            self.assertLessEqual(self.colours_of_reduced("sharp", "--renderer", renderer), pure)
            self.assertFalse(self.colours_of_reduced("smooth", "--renderer", renderer) <= pure)

    def test_borders(self):
        """A window of other proportions has black borders, and changes arrive in the middle."""
        viewer = self.viewer(self.guest)
        self.assert_same(self.guest, viewer)
        self.resize(viewer, 900, 480)
        middle = lambda got: (130, 0, 640, 480)
        self.assert_same(self.guest, viewer, crop=middle)
        self.guest.tell("fill 0 0 640 10 65280")
        self.assert_same(self.guest, viewer, crop=middle)
        picture = viewer.picture()
        self.assertEqual(picture.crop(0, 0, 130, 480).rgb.strip(b"\0"), b"")
        self.assertEqual(picture.crop(770, 0, 130, 480).rgb.strip(b"\0"), b"")

    def test_fullscreen(self):
        viewer = self.viewer(self.guest, "--fullscreen", "--filter", "sharp")
        wait_until(lambda: viewer.picture().size() == (1600, 1200), "the whole screen")
        self.guest.tell("mode 800 600")
        self.guest.tell("paint 9")
        self.assert_same(self.guest, viewer, enlarged=2)

    def test_user_size_stays(self):
        """Once the user has given the window a size, the guest's modes do not change it."""
        viewer = self.viewer(self.guest, "--filter", "sharp")
        self.assert_same(self.guest, viewer)
        self.resize(viewer, 1280, 960)
        self.assert_same(self.guest, viewer, enlarged=2)
        self.guest.tell("mode 320 240")
        self.guest.tell("paint 6")
        self.assert_same(self.guest, viewer, enlarged=4)

    def test_hidden(self):
        """What changed while the window was away is there when it is back."""
        viewer = self.viewer(self.guest)
        self.assert_same(self.guest, viewer)
        window = viewer.window()
        self.desktop.output("xdotool", "windowminimize", "--sync", window)
        self.guest.tell("paint 77")
        self.desktop.output("xdotool", "windowmap", "--sync", window)
        self.assert_same(self.guest, viewer)

    def test_two_screens(self):
        """Each display has a window; --monitor chooses one."""
        machine = self.machine("-device", "secondary-vga,id=second", device="VGA,id=first", name="two")
        machine.tell("mode 640 480")
        machine.tell("paint 2")
        both = self.viewer(machine, title="both")
        wait_until(lambda: len(self.desktop.windows("both, screen")) == 2, "two windows")
        both.end()
        only = self.viewer(machine, "--monitor", "0", title="only")
        self.assert_same(machine, only, device="first")
        self.assertEqual(len(self.desktop.windows("only")), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
