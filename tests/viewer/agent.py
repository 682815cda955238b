# SPDX-License-Identifier: Apache-2.0
"""An agent of the guest that speaks SPICE's agent protocol, outside of the guest.

The guest's second serial port is the agent's channel of the SPICE server and its third a socket;
guest.c carries bytes between the two.

Source: spice-protocol, spice/vd_agent.h
"""

import socket
import struct

from harness import LIMIT, wait_until

CLIENT_PORT = 1
MONITORS_CONFIG, CLIPBOARD, CAPABILITIES, GRAB, REQUEST, RELEASE = 2, 4, 6, 7, 8, 9
FILE_START, FILE_STATUS, FILE_DATA = 10, 11, 12
CAN_SEND, CANCELLED, FAILED, SUCCESS = 0, 1, 2, 3
NONE, TEXT, PNG = 0, 1, 2
CAP_MONITORS, CAP_REPLY, CAP_CLIPBOARD, CAP_BY_DEMAND, CAP_SELECTION, CAP_SPARSE, CAP_LF, CAP_CRLF = 1, 2, 3, 5, 6, 7, 8, 9


class Agent:
    def __init__(self, machine, crlf=False):
        self.machine = machine
        self.capabilities = [CAP_MONITORS, CAP_REPLY, CAP_CLIPBOARD, CAP_BY_DEMAND, CAP_SELECTION, CAP_SPARSE,
                             CAP_CRLF if crlf else CAP_LF]
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.connect(machine.path("agent"))
        self.stream.settimeout(0.05)
        self.bytes, self.content, self.seen = b"", b"", []
        self.files = {}
        self.refuse_files = False
        machine.tell("bridge")
        self.announce(1)

    @staticmethod
    def options(folder, name="m"):
        """What a Machine needs for it."""
        return ["-chardev", "spicevmc,id=agent,name=vdagent", "-device", "isa-serial,chardev=agent,index=1",
                "-chardev", "socket,id=outside,path=%s/%s.agent,server=on,wait=off" % (folder, name),
                "-device", "isa-serial,chardev=outside,index=2"]

    def end(self):
        self.stream.close()

    # ---- messages ----

    def send(self, kind, data):
        message = struct.pack("<IIQI", 1, kind, 0, len(data)) + data
        out = b""
        for at in range(0, len(message), 2048):
            piece = message[at : at + 2048]
            out += struct.pack("<II", CLIENT_PORT, len(piece)) + piece
        self.stream.settimeout(LIMIT)
        self.stream.sendall(out)
        self.stream.settimeout(0.05)

    def announce(self, request):
        self.send(CAPABILITIES, struct.pack("<II", request, sum(1 << c for c in self.capabilities)))

    def read(self):
        """Take in what has come; answers what an agent answers by itself."""
        try:
            data = self.stream.recv(1 << 16)
        except socket.timeout:
            return
        self.bytes += data
        while len(self.bytes) >= 8:
            _, size = struct.unpack("<II", self.bytes[:8])
            if len(self.bytes) < 8 + size:
                break
            self.content += self.bytes[8 : 8 + size]
            self.bytes = self.bytes[8 + size :]
        while len(self.content) >= 20:
            _, kind, _, size = struct.unpack("<IIQI", self.content[:20])
            if len(self.content) < 20 + size:
                break
            self.take(kind, self.content[20 : 20 + size])
            self.content = self.content[20 + size :]

    def take(self, kind, data):
        if kind == CAPABILITIES and struct.unpack("<I", data[:4])[0]:
            self.announce(0)
        elif kind == FILE_START:
            number = struct.unpack("<I", data[:4])[0]
            head = dict(line.split("=") for line in data[4:].split(b"\0")[0].decode().split("\n") if "=" in line)
            self.files[number] = [head["name"], int(head["size"]), b""]
            answer = FAILED if self.refuse_files else CAN_SEND if self.files[number][1] else SUCCESS
            self.send(FILE_STATUS, struct.pack("<II", number, answer))
        elif kind == FILE_DATA:
            number, size = struct.unpack("<IQ", data[:12])
            file = self.files[number]
            file[2] += data[12 : 12 + size]
            if len(file[2]) == file[1]:
                self.send(FILE_STATUS, struct.pack("<II", number, SUCCESS))
        self.seen.append((kind, data))

    def expect(self, kind, limit=LIMIT):
        """The next message of this kind; those before it are forgotten."""

        def found():
            self.read()
            while self.seen:
                got, data = self.seen.pop(0)
                if got == kind:
                    return (data,)

        return wait_until(found, "message %d to the agent" % kind, limit)[0]

    def expect_nothing(self, kind, rounds=10):
        for _ in range(rounds):
            self.read()
        assert kind not in [got for got, _ in self.seen], self.seen

    # ---- clipboard ----

    def grab(self, *types):
        self.send(GRAB, bytes(4) + struct.pack("<%dI" % len(types), *types))

    def grabbed(self):
        data = self.expect(GRAB)
        return list(struct.unpack("<%dI" % (len(data) // 4 - 1), data[4:]))

    def ask(self, kind):
        """What the host gives: its type and the bytes."""
        self.send(REQUEST, bytes(4) + struct.pack("<I", kind))
        data = self.expect(CLIPBOARD)
        return struct.unpack("<I", data[4:8])[0], data[8:]

    def give(self, kind, content):
        """Answer what the host asks for."""
        asked = struct.unpack("<I", self.expect(REQUEST)[4:8])[0]
        assert asked == kind, asked
        self.send(CLIPBOARD, bytes(4) + struct.pack("<I", kind) + content)
