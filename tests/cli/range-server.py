# SPDX-License-Identifier: Apache-2.0
# range-server.py FOLDER LOG: serves files over HTTP on a free port, whose number it prints.
# Knows ranges and If-Range. A file NAME.cut beside NAME is how many bytes the first answer breaks
# off after; it is removed then. Every request is a line in LOG: path, Range, status.
import http.server
import os
import sys
import urllib.parse

FOLDER, LOG = sys.argv[1:3]
ETAG = '"v%d"'


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def note(self, status):
        with open(LOG, "a") as log:
            log.write(f"{self.path} {self.headers.get('Range', '-')} {status}\n")

    def start_of(self, etag, size):
        asked = self.headers.get("Range", "")
        if not asked.startswith("bytes=") or self.headers.get("If-Range") != etag:
            return 0
        return int(asked[len("bytes="):].split("-")[0])

    def do_GET(self):
        path = os.path.join(FOLDER, urllib.parse.unquote(self.path).lstrip("/"))
        if not os.path.isfile(path):
            self.note(404)
            self.send_error(404)
            return
        with open(path, "rb") as file:
            data = file.read()
        etag = ETAG % os.stat(path).st_mtime_ns
        start = self.start_of(etag, len(data))
        if start >= len(data) > 0:
            self.note(416)
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.note(206 if start else 200)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", etag)
        self.end_headers()
        cut = path + ".cut"
        if os.path.exists(cut):
            with open(cut) as file:
                data = data[: int(file.read())]
            os.unlink(cut)
        self.wfile.write(data[start:])


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
