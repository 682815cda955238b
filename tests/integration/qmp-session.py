#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plain QMP session, as any program could have one: asks until standard input ends, checks that
each answer is its own, and prints "ready", then how many answers and which events came."""
import json
import select
import socket
import sys

path, name = sys.argv[1:]
monitor = socket.socket(socket.AF_UNIX)
monitor.settimeout(120)
monitor.connect(path)
lines = monitor.makefile("r", encoding="utf-8")
assert "QMP" in json.loads(lines.readline())
events = []


def ask(command, number):
    request = {"execute": command, "id": {"session": name, "number": number}}
    monitor.sendall(json.dumps(request).encode() + b"\n")
    while True:
        answer = json.loads(lines.readline())
        if "event" in answer:
            events.append(answer["event"])
            continue
        assert answer["id"] == request["id"], answer
        return answer["return"]


assert ask("qmp_capabilities", 0) == {}
print("ready", flush=True)
count = 0
while not select.select([sys.stdin], [], [], 0.01)[0]:
    count += 1
    if count % 2:
        assert "status" in ask("query-status", count)
    else:
        assert "name" in ask("query-name", count)
print(count, " ".join(events))
