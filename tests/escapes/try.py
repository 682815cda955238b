#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""try.py VM OTHER SHARE OUTSIDE: does the escapes of list.txt on a running machine without network,
and prints the names of those that reached what they aimed at. OTHER is another running machine;
SHARE the folder that VM shares, with a "link" to "secret" in OUTSIDE, where there is what is aimed
at.

UTMCTL is the program. What QEMU answers decides, and what is there afterwards."""
import functools
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time

vm, other = sys.argv[1:3]
share, outside = map(pathlib.Path, sys.argv[3:])
LIST = pathlib.Path(__file__).with_name("list.txt")
DISK = 1024 * 1024
tries = {}


@functools.cache
def status(name):
    command = [os.environ["UTMCTL"], "status", "--json", name]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@functools.cache
def folder_of(name):
    command = [os.environ["UTMCTL"], "list", "--json"]
    machines = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return pathlib.Path(next(m["path"] for m in machines if m["name"] == name))


class Refused(Exception):
    """QEMU's own words."""


class Monitor:
    """A plain QMP session."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("r")
        self.lines.readline()
        self.events = []
        self("qmp_capabilities")

    def next(self):
        return json.loads(self.lines.readline())

    def __call__(self, command, **arguments):
        arguments = {key.replace("_", "-"): value for key, value in arguments.items()}
        request = {"execute": command, "arguments": arguments}
        self.socket.sendall(json.dumps(request).encode())
        while True:
            answer = self.next()
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise Refused(answer["error"]["desc"])
            else:
                return answer["return"]

    def job(self, command, **arguments):
        """Runs a job to its end; what it fails with is raised."""
        self(command, job_id="job", **arguments)
        while True:
            job = next((j for j in self("query-jobs") if j["id"] == "job"), None)
            if job is None:
                return
            if job["status"] == "ready":
                self("job-cancel", id="job")
            if job["status"] == "concluded":
                self("job-dismiss", id="job")
                if "error" in job:
                    raise Refused(job["error"])
                return
            time.sleep(0.01)

    def human(self, line):
        return self("human-monitor-command", command_line=line)

    def migrate(self, uri):
        self("migrate", uri=uri)
        while (status := self("query-migrate").get("status")) in ("setup", "active"):
            time.sleep(0.01)
        if status == "completed":
            self("cont")
        if status == "failed":
            raise Refused("migration failed")


def escape(function):
    tries[function.__name__.replace("_", "-")] = function
    return function


def opens(path, driver="file", **options):
    """As an image. It is let go again."""
    file = {"driver": driver, "filename": str(path)}
    qmp("blockdev-add", driver="raw", node_name="x", file=file, **options)
    qmp("blockdev-del", node_name="x")
    return True


def reads(path):
    """As a secret, which QEMU reads to its end."""
    qmp("object-add", qom_type="secret", id="x", file=str(path), format="base64")
    qmp("object-del", id="x")
    return True


def is_read(path):
    """The same of what is no base64: then that is what QEMU says."""
    try:
        return reads(path)
    except Refused as refused:
        if "Base64" in str(refused):
            return True
        raise


def chardev(kind, **data):
    qmp("chardev-add", id="x", backend={"type": kind, "data": data})
    qmp("chardev-remove", id="x")


def inet(port, host="127.0.0.1"):
    return {"type": "inet", "data": {"host": host, "port": str(port)}}


def unix(path, **options):
    return {"type": "unix", "data": {"path": str(path), **options}}


def new(name):
    return outside / name


# ---- files of the host ----


@escape
def shadow():
    return is_read("/etc/shadow")


@escape
def ssh_key():
    return is_read(pathlib.Path.home() / ".ssh/id_ed25519")


@escape
def secret():
    return opens(outside / "secret", read_only=True)


@escape
def secret_write():
    return opens(outside / "secret")


@escape
def host_disk():
    disk = next((d for d in pathlib.Path("/sys/block").iterdir() if not d.name[:3] in
                 ("loo", "ram", "zra")), None)
    return opens(f"/dev/{disk.name}" if disk else "/dev/mem", "host_device", read_only=True)


@escape
def helper_environ():
    return is_read(f"/proc/{status(vm)['helper_pid']}/environ")


@escape
def helper_memory():
    chardev("file", **{"in": f"/proc/{status(vm)['helper_pid']}/mem", "out": "/dev/null"})
    return True


@escape
def user_environ():
    return is_read(f"/proc/{os.getpid()}/environ")


@escape
def rng():
    qmp("object-add", qom_type="rng-random", id="x", filename=str(outside / "secret"))
    qmp("object-del", id="x")
    return True


@escape
def tls():
    try:
        qmp("object-add", qom_type="tls-creds-psk", id="x", dir=str(outside), endpoint="server")
    except Refused as refused:
        if "DH parameters" in str(refused):  # read, and found to be none
            return True
        raise
    qmp("object-del", id="x")
    return True


# ---- the bundle, and other bundles ----


@escape
def own_config():
    return opens(folder_of(vm) / "config.plist")


@escape
def own_record():
    return opens(folder_of(vm) / "utmctl.plist")


@escape
def own_trust():
    return opens(state_of(vm) / "trust.json")


@escape
def own_journal():
    return opens(state_of(vm) / "events.jsonl")


@escape
def other_config():
    return opens(folder_of(other) / "config.plist", read_only=True)


@escape
def other_disk():
    disk = next((folder_of(other) / "Data").glob("*.qcow2"))
    file = {"driver": "file", "filename": str(disk), "locking": "off"}
    qmp("blockdev-add", driver="raw", node_name="x", file=file)
    qmp("blockdev-del", node_name="x")
    return True


@escape
def link_in_data():
    link = folder_of(vm) / "Data/link"
    link.symlink_to(outside / "secret")
    try:
        return opens(link, read_only=True)
    finally:
        link.unlink()


@escape
def link_in_share():
    return opens(share / "link", read_only=True)


@escape
def out_of_share():
    return opens(share / ".." / outside.name / "secret", read_only=True)


def layered(*options):
    """An image of the bundle that leads out of it."""
    image = folder_of(vm) / "Data/layer.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *options, str(image), str(DISK)],
                   check=True)
    try:
        file = {"driver": "file", "filename": str(image)}
        qmp("blockdev-add", driver="qcow2", node_name="x", read_only=True, file=file)
        qmp("blockdev-del", node_name="x")
    finally:
        image.unlink()
    return True


@escape
def backing_file():
    return layered("-F", "raw", "-b", str(outside / "secret"))


@escape
def data_file():
    return layered("-o", f"data_file={outside / 'data'},data_file_raw=on")


@escape
def backing_json():
    file = {"driver": "raw", "file": {"driver": "file", "filename": str(outside / "secret")}}
    return layered("-F", "raw", "-u", "-b", "json:" + json.dumps(file))


# ---- files that QEMU writes ----


@escape
def chardev_file():
    chardev("file", out=str(new("chardev")))
    return new("chardev").exists()


@escape
def screendump():
    qmp("screendump", filename=str(new("screen.ppm")))
    return new("screen.ppm").exists()


@escape
def pmemsave():
    qmp("pmemsave", val=0, size=4096, filename=str(new("memory")))
    return new("memory").exists()


@escape
def dump():
    qmp("dump-guest-memory", paging=False, protocol=f"file:{new('dump')}")
    return new("dump").exists()


@escape
def memory_file():
    qmp("object-add", qom_type="memory-backend-file", id="x", mem_path=str(new("ram")), size=DISK,
        share=True)
    qmp("object-del", id="x")
    return True


@escape
def filter_dump():
    qmp("netdev_add", type="hubport", id="hub", hubid=7)
    try:
        qmp("object-add", qom_type="filter-dump", id="x", netdev="hub", file=str(new("packets")))
        qmp("object-del", id="x")
    finally:
        qmp("netdev_del", id="hub")
    return new("packets").exists()


@escape
def log_file():
    answer = qmp.human(f"logfile {new('log')}") + qmp.human("log guest_errors")
    qmp.human("log none")
    if answer.strip():
        raise Refused(answer.strip())
    return new("log").exists()


def with_disk(function):
    qmp("blockdev-add", driver="null-co", node_name="base", size=DISK, read_zeroes=True)
    try:
        return function()
    finally:
        qmp("blockdev-del", node_name="base")


@escape
def snapshot_outside():
    def take():
        qmp("blockdev-snapshot-sync", node_name="base", snapshot_file=str(new("layer")),
            snapshot_node_name="over")
        return new("layer").exists()
    return with_disk(take)


@escape
def create_outside():
    qmp.job("blockdev-create",
            options={"driver": "file", "filename": str(new("image")), "size": DISK})
    return new("image").exists()


@escape
def mirror_outside():
    def copy():
        qmp.job("drive-backup", device="base", target=str(new("copy")), sync="full", format="raw",
                auto_dismiss=False)
        return new("copy").exists()
    return with_disk(copy)


# ---- the network ----


def is_bound(port, kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return True
    return False


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("0.0.0.0", 0))
        return probe.getsockname()[1]


@escape
def listen_tcp():
    port = free_port()
    qmp("chardev-add", id="x", backend={
        "type": "socket", "data": {"addr": inet(port, "0.0.0.0"), "server": True, "wait": False}})
    bound = is_bound(port, socket.SOCK_STREAM)
    qmp("chardev-remove", id="x")
    return bound


@escape
def listen_nbd():
    port = free_port()
    qmp("nbd-server-start", addr=inet(port, "0.0.0.0"))
    bound = is_bound(port, socket.SOCK_STREAM)
    qmp("nbd-server-stop")
    return bound


def service(family=socket.AF_INET, address=("127.0.0.1", 0)):
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen()
    return listener


def is_reached(listener, call, *arguments, **options):
    """Whether somebody comes to a service of the host while QEMU does something."""
    came = []

    def wait():
        try:
            came.append(listener.accept()[0].close())
        except OSError:
            pass

    with listener:
        waiter = threading.Thread(target=wait)
        waiter.start()
        try:
            call(*arguments, **options)
        except Refused:
            pass
        # What connects has done so by now, or will never.
        waiter.join(0.3)
        listener.shutdown(socket.SHUT_RDWR)
        waiter.join()
    return bool(came)


@escape
def connect_tcp():
    listener = service()
    return is_reached(listener, chardev, "socket", addr=inet(listener.getsockname()[1]),
                      server=False)


def start_migration(uri):
    """It does not come to an end: nobody receives."""
    qmp("migrate", uri=uri)


def is_migrated(listener, uri):
    try:
        return is_reached(listener, start_migration, uri)
    finally:
        qmp("migrate_cancel")
        while qmp("query-migrate").get("status") in ("setup", "active", "cancelling"):
            time.sleep(0.01)
        if qmp("query-status")["status"] != "running":
            qmp("cont")


@escape
def migrate_tcp():
    listener = service()
    return is_migrated(listener, f"tcp:127.0.0.1:{listener.getsockname()[1]}")


@escape
def nbd_client():
    listener = service()
    return is_reached(listener, qmp, "blockdev-add", driver="nbd", node_name="x", server={
        "type": "inet", "host": "127.0.0.1", "port": str(listener.getsockname()[1])})


@escape
def send_udp():
    """No guest sends any here: a socket that is bound on this host is enough."""
    port = free_port(socket.SOCK_DGRAM)
    qmp("netdev_add", id="x", type="socket", udp="127.0.0.1:9", localaddr=f"127.0.0.1:{port}")
    bound = is_bound(port, socket.SOCK_DGRAM)
    qmp("netdev_del", id="x")
    return bound


@escape
def listen_udp():
    port = free_port(socket.SOCK_DGRAM)
    qmp("chardev-add", id="x", backend={
        "type": "udp", "data": {"remote": inet(9), "local": inet(port, "0.0.0.0")}})
    bound = is_bound(port, socket.SOCK_DGRAM)
    qmp("chardev-remove", id="x")
    return bound


@escape
def user_network():
    port = free_port()
    qmp("netdev_add", type="user", id="x", hostfwd=[{"str": f"tcp:0.0.0.0:{port}-:22"}])
    bound = is_bound(port, socket.SOCK_STREAM)
    qmp("netdev_del", id="x")
    return bound


@escape
def multicast():
    port = free_port(socket.SOCK_DGRAM)
    qmp("netdev_add", id="x", type="socket", mcast=f"239.1.2.3:{port}")
    bound = is_bound(port, socket.SOCK_DGRAM)
    qmp("netdev_del", id="x")
    return bound


# ---- sockets of the host ----


@escape
def connect_unix():
    path = str(new("bus"))
    return is_reached(service(socket.AF_UNIX, path), chardev, "socket", addr=unix(path),
                      server=False)


@escape
def connect_link():
    path, link = str(new("bus-behind")), run_of(vm) / "link"
    link.symlink_to(path)
    try:
        return is_reached(service(socket.AF_UNIX, path), chardev, "socket", addr=unix(link),
                          server=False)
    finally:
        link.unlink()


@escape
def connect_abstract():
    name = f"utmctl-escape-{os.getpid()}"
    return is_reached(service(socket.AF_UNIX, "\0" + name), chardev, "socket",
                      addr=unix(name, abstract=True), server=False)


@escape
def migrate_unix():
    path = str(new("receiver"))
    return is_migrated(service(socket.AF_UNIX, path), f"unix:{path}")


@escape
def other_monitor():
    chardev("socket", addr=unix(run_of(other) / "qmp"), server=False)
    return True


@escape
def own_monitor():
    chardev("socket", addr=unix(run_of(vm) / "qmp"), server=False)
    return True


@escape
def replace_socket():
    """QEMU may make sockets beside the helper's; clients must not find its own in that place."""
    path = run_of(vm) / "qmp"
    before = path.stat().st_ino
    try:
        chardev("socket", addr=unix(path), server=True, wait=False)
    except Refused:
        pass
    return not path.exists() or path.stat().st_ino != before


# ---- programs ----


@escape
def migrate_exec():
    try:
        qmp.migrate(f"exec:touch {new('ran')}")
    except Refused:
        pass
    return new("ran").exists()


@escape
def tap_script():
    script = new("script")
    script.write_text(f"#!/bin/sh\ntouch {new('ran-too')}\n")
    script.chmod(0o755)
    try:
        qmp("netdev_add", type="tap", id="x", script=str(script), downscript="no")
        qmp("netdev_del", id="x")
    except (Refused, ConnectionError):
        pass  # QEMU's own filter of system calls has ended it
    return new("ran-too").exists()


# ---- doing them ----


def run_of(name):
    return pathlib.Path(os.environ["XDG_RUNTIME_DIR"]) / "utmctl" / status(name)["uuid"]


def state_of(name):
    return pathlib.Path(os.environ["XDG_STATE_HOME"]) / "utmctl" / status(name)["uuid"]


def listed():
    lines = [line for line in LIST.read_text().splitlines() if re.match("[a-z]", line)]
    return [line.split()[0] for line in lines]


def attempt(name):
    try:
        reached = tries[name]()
    except Refused as refused:
        print(f"{name}: {refused}", file=sys.stderr)
        return False
    print(f"{name}: {'reached' if reached else 'nothing there'}", file=sys.stderr)
    return reached


names = listed()
assert sorted(names) == sorted(tries), set(names) ^ set(tries)
(outside / "secret").write_bytes(b"a secret of the host\n".ljust(DISK, b"."))
(outside / "data").write_bytes(bytes(DISK))
(outside / "keys.psk").write_text("user:00112233\n")
(outside / "dh-params.pem").write_text("")
qmp = Monitor(run_of(vm) / "qmp")
for each in names:
    if attempt(each):
        print(each, flush=True)
