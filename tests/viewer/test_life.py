# SPDX-License-Identifier: Apache-2.0
"""A viewer's life: the machine comes, goes and comes back, and windows are closed."""

import os
import signal
import time
import unittest

from harness import Machine, ViewerTest, wait_until


def connects(few):
    """UTMCTL_CONNECTS is another number, for tests/long/connects.sh."""
    return int(os.environ.get("UTMCTL_CONNECTS", few))


class LifeTest(ViewerTest):
    def painted(self, number=1, **how):
        machine = self.machine(**how)
        machine.tell("mode 640 480")
        machine.tell("paint %d" % number)
        return machine

    def test_closing_leaves_the_machine(self):
        machine = self.painted()
        viewer = self.viewer(machine)
        self.assert_same(machine, viewer)
        self.desktop.output("wmctrl", "-i", "-c", viewer.window())
        self.assert_ends(viewer, 0)
        self.assertEqual(machine.qmp("query-status")["status"], "running")

    def test_interrupted(self):
        machine = self.painted()
        viewer = self.viewer(machine)
        viewer.window()
        viewer.process.send_signal(signal.SIGINT)
        self.assert_ends(viewer, 130, "the machine runs on")

    def test_qemu_killed(self):
        machine = self.painted()
        viewer = self.viewer(machine)
        self.assert_same(machine, viewer)
        machine.end(signal.SIGKILL)
        self.assert_ends(viewer, 5, "the machine has stopped")

    def test_quits(self):
        machine = self.painted()
        viewer = self.viewer(machine)
        self.assert_same(machine, viewer)
        machine.qmp("quit")
        self.assert_ends(viewer, 5, "the machine has stopped")

    def test_reset_and_stop(self):
        """A reset and a pause do not end the connection."""
        machine = self.painted()
        viewer = self.viewer(machine)
        self.assert_same(machine, viewer)
        machine.qmp("stop")
        self.assert_same(machine, viewer)
        machine.qmp("cont")
        machine.tell("paint 44")
        self.assert_same(machine, viewer)

    def test_waits_and_comes_back(self):
        """Opened before the machine runs, and still there when it is suspended and started again."""
        socket = os.path.join(self.folder, "m.spice")
        viewer = self.viewer(None, "--wait", "--socket", socket)
        wait_until(lambda: "waiting" in viewer.name(), "a title that says so")
        machine = self.painted(3)
        self.assert_same(machine, viewer)
        wait_until(lambda: "waiting" not in viewer.name(), "a title that says it is here")
        machine.end(signal.SIGKILL)
        wait_until(lambda: "away" in viewer.name(), "a title that says it has gone")
        machine = self.painted(4)
        self.assert_same(machine, viewer)
        machine.end(signal.SIGKILL)
        machine = self.painted(5)
        self.assert_same(machine, viewer)

    def test_waits_no_longer(self):
        viewer = self.viewer(None, "--wait", "--timeout", "1", "--socket", "/tmp/utmctl-viewer-none")
        self.assert_ends(viewer, 124, "waited in vain", "nobody answers")

    def test_taken_over(self):
        """A server admits one viewer; the first does not come back to throw the second out."""
        machine = self.painted()
        first = self.viewer(machine, "--wait", title="first")
        self.assert_same(machine, first)
        second = self.viewer(machine, title="second")
        self.assert_ends(first, 8, "another viewer")
        self.assert_same(machine, second)

    def test_idle_costs_nothing(self):
        """Neither thread wakes up while the guest does nothing."""
        machine = self.painted()
        viewer = self.viewer(machine)
        self.assert_same(machine, viewer)
        time.sleep(1)
        before = self.wakeups(viewer)
        time.sleep(3)
        self.assertLessEqual(self.wakeups(viewer) - before, 12)

    def wakeups(self, viewer):
        """How often its two threads have given the processor away."""
        total = 0
        folder = "/proc/%d/task" % viewer.process.pid
        for task in os.listdir(folder):
            with open("%s/%s/status" % (folder, task)) as file:
                lines = file.read().splitlines()
            if int(task) == viewer.process.pid or "Name:\tsession" in lines:
                total += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary"))
        return total

    def test_many_connections(self):
        """Nothing is lost when a server comes and goes, as the sanitizer sees it."""
        socket = os.path.join(self.folder, "many.spice")
        viewer = self.viewer(None, "--wait", "--socket", socket, title="many")
        for i in range(connects(5)):
            machine = self.machine(name="many", kernel=False)
            wait_until(lambda: viewer.name() == "many" or "pointer" in viewer.name(), "a connection")
            machine.end(signal.SIGKILL)
            wait_until(lambda: "away" in viewer.name(), "the loss of it")
        status, errors = viewer.end()
        self.assert_clean(errors)
        self.assertEqual(status, 130)


class ManyViewersTest(ViewerTest):
    def test_many_viewers(self):
        machine = self.machine()
        machine.tell("mode 320 240")
        for i in range(connects(20)):
            viewer = self.viewer(machine)
            viewer.window()
            status, errors = viewer.end()
            self.assert_clean(errors)
            self.assertEqual(status, 130)
        self.assertEqual(machine.qmp("query-status")["status"], "running")


if __name__ == "__main__":
    unittest.main(verbosity=2)
