# SPDX-License-Identifier: Apache-2.0
"""Looks like a running machine from outside: holds its lock and serves its first serial port.

Sends a greeting to each client, answers each line in capitals, and ends at the line "poweroff".
"""
import fcntl
import json
import os
import socket
import struct
import sys
import time

F_OFD_SETLK = 37

uuid, path, name = sys.argv[1:4]
folder = os.path.join(os.environ["XDG_RUNTIME_DIR"], "utmctl", uuid)
os.makedirs(folder, mode=0o700)
lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
fcntl.fcntl(lock, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
os.write(lock, json.dumps({"pid": os.getpid(), "since": int(time.time()), "path": path,
                           "name": name}).encode())
server = socket.socket(socket.AF_UNIX)
server.bind(os.path.join(folder, "term0"))
server.listen()
print("ready", flush=True)
sys.stdout.close()
while True:
    client, _ = server.accept()
    client.sendall(b"login: ")
    for line in client.makefile("rb"):
        client.sendall(b"<" + line.strip().upper() + b">\r\n")
        if line.strip() == b"poweroff":
            sys.exit(0)
    client.close()
