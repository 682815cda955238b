# SPDX-License-Identifier: Apache-2.0
"""Each thing that can go wrong has its message, its exit status and a way out."""

import json
import os
import socket
import subprocess
import threading
import unittest

from harness import Process, ViewerTest, wait_until


class ErrorTest(ViewerTest):
    def path(self, name):
        return os.path.join(self.folder, name)

    def listener(self, talk):
        """A server that is none: talk(connection) is all that it does."""
        path = self.path("fake")
        if os.path.exists(path):
            os.unlink(path)
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        self.addCleanup(server.close)

        def serve():
            try:
                while True:
                    connection, _ = server.accept()
                    talk(connection)
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        return path

    def test_usage(self):
        for words in ([], ["--socket", "x", "--scale", "0"], ["--socket", "x", "--filter", "no"],
                      ["--uri", "http://x"], ["--uri", "spice://"], ["--nonsense"], ["--socket", "x", "word"],
                      ["--socket", "x", "--monitor", "-2"], ["--socket", "x", "--password-file", "/none"]):
            viewer = self.viewer(None, *words)
            self.assert_ends(viewer, 2, "utmctl: ")

    def test_no_desktop(self):
        machine = self.machine(kernel=False)
        env = {k: v for k, v in self.desktop.env.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        viewer = self.viewer(machine, env=env)
        self.assert_ends(viewer, 7, "DISPLAY", "screenshot", "attach")
        viewer = self.viewer(machine, env=dict(env, DISPLAY=":4711"))
        self.assert_ends(viewer, 7, ":4711", "screenshot")

    def test_no_socket(self):
        self.assert_ends(self.viewer(None, "--socket", self.path("none")), 5, "does not run", "none")

    def test_refused(self):
        path = self.path("dead")
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.close()
        self.assert_ends(self.viewer(None, "--socket", path), 5, "nobody answers")

    def test_long_path(self):
        """A socket's address ends at 107 bytes; its path may be longer."""
        machine = self.machine(kernel=False)
        folder = self.path("l" * 150)
        os.mkdir(folder)
        os.rename(machine.socket, folder + "/s")
        viewer = self.viewer(None, "--socket", folder + "/s")
        self.assert_same(machine, viewer)

    def test_not_spice(self):
        path = self.listener(lambda c: (c.sendall(b"HTTP/1.1 400 Bad Request\r\n" * 10), c.close()))
        self.assert_ends(self.viewer(None, "--socket", path), 1, 'VM "test"')

    def test_hangs_up(self):
        path = self.listener(lambda c: c.close())
        self.assert_ends(self.viewer(None, "--socket", path), 1, 'VM "test"')

    def test_silent(self):
        held = []
        path = self.listener(held.append)
        self.assert_ends(self.viewer(None, "--socket", path), 124, "does not answer")

    def test_json(self):
        viewer = self.viewer(None, "--json", "--socket", self.path("no\"ne"))
        status, errors = viewer.wait()
        line = next(line for line in errors.splitlines() if line.startswith("{"))
        self.assertEqual(json.loads(line)["error"]["code"], "wrong-state")
        self.assertEqual(status, 5)

    def test_no_such_screen(self):
        machine = self.machine(kernel=False)
        self.assert_ends(self.viewer(machine, "--monitor", "3"), 4, "no screen 3")

    def test_no_screen_at_all(self):
        machine = self.machine(kernel=False, device=None)
        self.assert_ends(self.viewer(machine), 4, "no screen", "attach")

    def test_password(self):
        machine = self.machine("-object", "secret,id=pw,data=sesame", kernel=False, spice="password-secret=pw")
        self.assert_ends(self.viewer(machine), 1, "asks for a password", "--password-file")
        path = self.path("password")
        with open(path, "w") as file:
            file.write("wrong\n")
        self.assert_ends(self.viewer(machine, "--password-file", path), 1, "refuses this password")
        with open(path, "w") as file:
            file.write("sesame\nnot this line\n")
        viewer = self.viewer(machine, "--password-file", path)
        self.assert_same(machine, viewer)
        viewer.end()
        with open(path) as stdin:
            viewer = self.viewer(machine, "--password-file", "-", stdin=stdin)
            self.assert_same(machine, viewer)
            viewer.end()
        viewer = self.viewer(machine, env=dict(self.desktop.env, UTMCTL_SPICE_PASSWORD="sesame"))
        self.assert_same(machine, viewer)

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def test_remote(self):
        port = self.free_port()
        machine = self.machine(kernel=False, unix=False, spice="addr=127.0.0.1,port=%d,disable-ticketing=on" % port)
        viewer = self.viewer(None, "--uri", "spice://127.0.0.1:%d" % port)
        self.assert_same(machine, viewer)
        viewer.end()
        machine.end()
        self.assert_ends(self.viewer(None, "--uri", "spice://127.0.0.1:%d" % port), 1, "cannot connect")

    def certificates(self):
        folder = self.path("tls")
        os.mkdir(folder)
        openssl = lambda *words: subprocess.run(["openssl", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                                                stderr=subprocess.DEVNULL)
        for name in ("ca", "other"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=" + name, "-keyout", name + "-key.pem", "-out", name + "-cert.pem")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", "server-key.pem",
                "-out", "server.csr")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca-cert.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
                "-days", "2", "-out", "server-cert.pem")
        return folder

    def test_encrypted(self):
        folder, port = self.certificates(), self.free_port()
        machine = self.machine(kernel=False, unix=False, spice="addr=127.0.0.1,tls-port=%d,x509-dir=%s,"
                               "disable-ticketing=on" % (port, folder))
        uri = "spice://127.0.0.1?tls-port=%d" % port
        viewer = self.viewer(None, "--uri", uri, "--ca-file", folder + "/ca-cert.pem")
        self.assert_same(machine, viewer)
        viewer.end()
        viewer = self.viewer(None, "--uri", uri, "--ca-file", folder + "/other-cert.pem")
        self.assert_ends(viewer, 1, "encrypted", "--ca-file")


if __name__ == "__main__":
    unittest.main(verbosity=2)
