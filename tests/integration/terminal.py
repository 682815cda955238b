#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""terminal.py COMMAND...: runs it on a terminal of its own, and talks to it as standard input says:
"wait TEXT" until it has printed that, "type TEXT" as if on a keyboard, "size ROWS COLUMNS" as if the
window were changed. TEXT may have escapes such as \\t, \\r and \\x1b. Ends as the command does; 1
when something is not printed or the command does not end."""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

LIMIT_S = 20

pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "vt100"
    os.execvp(sys.argv[1], sys.argv[1:])


def fail(why):
    print(why, file=sys.stderr)
    os.kill(pid, signal.SIGKILL)
    sys.exit(1)


def read(end):
    """What comes next until that time; nothing when the command has ended."""
    if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
        fail(f"nothing more after {seen!r}")
    try:
        return os.read(fd, 65536)
    except OSError:
        return b""


def wait(text):
    """Forgets what came up to that text."""
    global seen
    end = time.monotonic() + LIMIT_S
    while text not in seen:
        more = read(end)
        if not more:
            fail(f"{text!r} is not in {seen!r}")
        seen += more
    seen = seen[seen.index(text) + len(text):]


seen = b""
for line in sys.stdin:
    verb, _, text = line.rstrip("\n").partition(" ")
    data = text.encode().decode("unicode_escape").encode("latin-1")
    if verb == "wait":
        wait(data)
    elif verb == "type":
        os.write(fd, data)
    elif verb == "size":
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("4H", *map(int, text.split()), 0, 0))
    else:
        fail(f"{verb}?")
end = time.monotonic() + LIMIT_S
while more := read(end):
    seen += more
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
