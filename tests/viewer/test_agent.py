# SPDX-License-Identifier: Apache-2.0
"""Clipboard, dropped files and sizes, with an agent in the guest.

From ctest besides: UTMCTL_VIEWER_DROP, the program that drops files.
"""

import os
import struct
import subprocess
import unittest
import zlib

from agent import CLIPBOARD, GRAB, MONITORS_CONFIG, NONE, PNG, RELEASE, REQUEST, TEXT, Agent
from harness import LIMIT, Process, ViewerTest, wait_until


def png(size):
    """A picture that does not get smaller by packing: @size bytes of it, about."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    noise = b"".join(b"\0" + os.urandom(300) for _ in range(size // 300))
    head = struct.pack(">IIBBBBB", 100, size // 300, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(noise, 0))
            + chunk(b"IEND", b""))


class AgentTest(ViewerTest):
    def with_agent(self, *options, crlf=False):
        machine = self.machine(*Agent.options(self.folder))
        machine.tell("mode 640 480")
        agent = Agent(machine, crlf)
        self.addCleanup(agent.end)
        viewer = self.viewer(machine, *options)
        self.assert_same(machine, viewer)
        return machine, agent, viewer

    def copy(self, content, target="UTF8_STRING"):
        """Copy something on the host, as another program there does."""
        owner = Process(["xclip", "-quiet", "-selection", "clipboard", "-target", target, "-in",
                         self.keep(content)], env=self.desktop.env, stderr=subprocess.DEVNULL)
        self.addCleanup(owner.end)
        return owner

    def keep(self, content):
        path = os.path.join(self.folder, "content")
        with open(path, "wb") as file:
            file.write(content)
        return path

    def paste(self, target="UTF8_STRING"):
        return subprocess.run(["timeout", "5", "xclip", "-selection", "clipboard", "-target", target, "-out"],
                              env=self.desktop.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def assert_pasted(self, content, target="UTF8_STRING"):
        wait_until(lambda: self.paste(target) == content, "the host's clipboard")

    # ---- clipboard ----

    def test_text_both_ways(self):
        _, agent, _ = self.with_agent("--clipboard", "both")
        self.copy("Grüße\nfrom the host".encode())
        self.assertEqual(agent.grabbed(), [TEXT])
        self.assertEqual(agent.ask(TEXT), (TEXT, "Grüße\nfrom the host".encode()))
        agent.grab(TEXT)
        agent.give(TEXT, "Grüße\nfrom the guest".encode())
        self.assert_pasted("Grüße\nfrom the guest".encode())
        # That was no copying of the host's.
        agent.expect_nothing(GRAB)
        self.copy(b"again")
        self.assertEqual(agent.grabbed(), [TEXT])
        self.assertEqual(agent.ask(TEXT), (TEXT, b"again"))

    def test_pictures_both_ways(self):
        _, agent, _ = self.with_agent("--clipboard", "both")
        picture = png(20_000)
        self.copy(picture, "image/png")
        self.assertEqual(agent.grabbed(), [PNG])
        self.assertEqual(agent.ask(PNG), (PNG, picture))
        self.assertEqual(agent.ask(TEXT)[0], NONE)
        picture = png(100_000)
        agent.grab(PNG)
        agent.give(PNG, picture)
        self.assert_pasted(picture, "image/png")
        self.assertEqual(self.paste(), b"")

    def test_large_texts(self):
        _, agent, _ = self.with_agent("--clipboard", "both")
        text = b"0123456789abcdef\n" * 1_000
        self.copy(text)
        self.assertEqual(agent.grabbed(), [TEXT])
        self.assertEqual(agent.ask(TEXT), (TEXT, text))
        agent.grab(TEXT)
        agent.give(TEXT, text * 10)
        self.assert_pasted(text * 10)

    def test_too_large(self):
        """It comes from the host in pieces, and stays there."""
        _, agent, _ = self.with_agent("--clipboard", "both")
        self.copy(bytes(1024) * (65 * 1024))
        self.assertEqual(agent.grabbed(), [TEXT])
        self.assertEqual(agent.ask(TEXT)[0], NONE)

    def test_line_ends(self):
        _, agent, _ = self.with_agent("--clipboard", "both", crlf=True)
        self.copy(b"a\nb\n")
        agent.grabbed()
        self.assertEqual(agent.ask(TEXT), (TEXT, b"a\r\nb\r\n"))
        agent.grab(TEXT)
        agent.give(TEXT, b"c\r\nd")
        self.assert_pasted(b"c\nd")

    def test_gone(self):
        """What the owner takes back is gone on the other side, too."""
        _, agent, _ = self.with_agent("--clipboard", "both")
        owner = self.copy(b"mine")
        agent.grabbed()
        owner.end()
        agent.expect(RELEASE)
        agent.grab(TEXT)
        agent.give(TEXT, b"theirs")
        self.assert_pasted(b"theirs")
        agent.send(RELEASE, bytes(4))
        self.assert_pasted(b"")

    def test_to_guest_only(self):
        _, agent, _ = self.with_agent("--clipboard", "to-guest")
        agent.grab(TEXT)
        agent.expect_nothing(REQUEST)
        self.copy(b"mine")
        agent.grabbed()
        self.assertEqual(agent.ask(TEXT), (TEXT, b"mine"))

    def test_to_host_only(self):
        _, agent, _ = self.with_agent("--clipboard", "to-host")
        self.copy(b"secret")
        agent.expect_nothing(GRAB)
        self.assertEqual(agent.ask(TEXT)[0], NONE)
        agent.grab(TEXT)
        agent.give(TEXT, b"theirs")
        self.assert_pasted(b"theirs")

    def test_not_at_all(self):
        _, agent, _ = self.with_agent()
        self.copy(b"secret")
        agent.grab(TEXT)
        agent.expect_nothing(GRAB)
        agent.expect_nothing(REQUEST)
        self.assertEqual(self.paste(), b"secret")

    def test_hostile(self):
        """What was not asked for, or is not what it says it is, does not reach the host."""
        machine, agent, viewer = self.with_agent("--clipboard", "both")
        self.copy(b"mine")
        agent.grabbed()
        agent.send(CLIPBOARD, bytes(4) + struct.pack("<I", TEXT) + b"pushed")
        agent.grab(TEXT)
        agent.give(TEXT, b"\xff\xfe\xfd")
        agent.grab(PNG)
        agent.give(PNG, b"GIF89a")
        agent.grab(*[77] * 50)
        agent.send(REQUEST, bytes(4) + struct.pack("<I", 99))
        self.assertEqual(agent.expect(CLIPBOARD)[4:8], struct.pack("<I", NONE))
        self.assertEqual(self.paste(), b"mine")
        self.assert_same(machine, viewer)

    # ---- files ----

    def drop(self, viewer, *paths):
        """As a file manager does."""
        subprocess.run([os.environ["UTMCTL_VIEWER_DROP"], viewer.window(), *paths], env=self.desktop.env, check=True,
                       timeout=LIMIT)

    def test_files(self):
        _, agent, viewer = self.with_agent()
        paths, contents = [], {}
        for name, size in (("small one.txt", 11), ("large.bin", 20_000), ("empty", 0)):
            contents[name] = os.urandom(size)
            paths.append(os.path.join(self.folder, name))
            with open(paths[-1], "wb") as file:
                file.write(contents[name])
        self.drop(viewer, *paths)

        titles = set()

        def arrived():
            agent.read()
            titles.add(viewer.name())
            return {name: data for name, _, data in agent.files.values()} == contents

        wait_until(arrived, "the files")
        self.assertTrue(any("sending files" in title for title in titles), titles)
        wait_until(lambda: agent.read() or "files were sent" in viewer.name(), "the title to say so")
        wait_until(lambda: agent.read() or viewer.name() == "test", "the title to be as before")

    def test_refused_files(self):
        _, agent, viewer = self.with_agent()
        agent.refuse_files = True
        self.drop(viewer, self.keep(b"content"))
        wait_until(lambda: agent.read() or "cannot send files" in viewer.name(), "the title to say so")

    def test_files_without_agent(self):
        machine = self.machine()
        viewer = self.viewer(machine)
        machine.tell("mode 640 480")
        self.assert_same(machine, viewer)
        self.drop(viewer, self.keep(b"content"))
        wait_until(lambda: "no spice-vdagent" in viewer.name(), "the title to say so")

    # ---- sizes ----

    def test_resize(self):
        # Other devices take the size themselves.
        machine = self.machine(*Agent.options(self.folder), device="cirrus-vga")
        agent = Agent(machine)
        self.addCleanup(agent.end)
        viewer = self.viewer(machine, "--resize-guest")
        self.assert_same(machine, viewer)
        subprocess.run(["xdotool", "windowsize", viewer.window(), "900", "700"], env=self.desktop.env, check=True)

        def asked():
            config = agent.expect(MONITORS_CONFIG)
            height, width = struct.unpack("<II", config[8:16])
            return (width, height) == (900, 700)

        wait_until(asked, "the agent to be asked for the window's size")


if __name__ == "__main__":
    unittest.main()
