# SPDX-License-Identifier: Apache-2.0
"""Runs a program on a pseudo terminal and plays a script on it.

on-terminal.py SCRIPT PROGRAM ARGUMENT…

SCRIPT is a Python expression: a list of (expect, send) pairs. Each text is waited for, then the
bytes are typed; bytes as "signal:NAME" are sent as a signal instead. Prints all that came, and at
the end whether the terminal's settings are what they were. Exits with the program's status.
"""
import ast
import os
import pty
import select
import signal
import sys
import termios

LIMIT = 20

script = ast.literal_eval(sys.argv[1])
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.execv(sys.argv[2], sys.argv[2:])

seen = b""


def pump(limit):
    """Reads once; False when nothing more comes."""
    global seen
    ready, _, _ = select.select([master], [], [], limit)
    if not ready:
        return False
    try:
        data = os.read(master, 4096)
    except OSError:
        return False
    seen += data
    return bool(data)


position = 0
for expect, send in script:
    while expect not in seen[position:]:
        if not pump(LIMIT):
            sys.exit(f"never came: {expect!r}, only {seen!r}")
    position = seen.index(expect, position) + len(expect)
    if send.startswith(b"signal:"):
        os.kill(pid, getattr(signal, send[7:].decode()))
    else:
        os.write(master, send)

while True:
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        break
    pump(0.05)
while pump(0):
    pass
sys.stdout.buffer.write(seen)
print("\nterminal", "restored" if termios.tcgetattr(slave) == before else "changed")
sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
