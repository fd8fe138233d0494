"""A stand-in for an S3-compatible server: objects in memory, over real HTTP."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ERROR = "<?xml version='1.0'?><Error><Code>{0}</Code><Message>{0}</Message></Error>"


class Bucket:
    """PUT, GET, HEAD and DELETE of one bucket; `refuse` makes every answer that error."""

    name = "pictures-of-tests"

    def __init__(self):
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.asked: list[str] = []
        self.refuse: tuple[int, str] | None = None
        handler = type("Handler", (_Handler,), {"bucket": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self.stop()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    @property
    def storages(self):
        """Django's STORAGES with this bucket as the default."""
        options = {"bucket": self.name, "endpoint": self.url}
        bucket = {"BACKEND": "igny8_core.core.bucket.BucketStorage", "OPTIONS": options}
        static = "django.contrib.staticfiles.storage.StaticFilesStorage"
        return {"default": bucket, "staticfiles": {"BACKEND": static}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def log_message(self, *given):
        pass

    def do_PUT(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if key := self._key():
            self.bucket.objects[key] = data
            self.bucket.types[key] = self.headers["Content-Type"]
            self._answer(200)

    def do_GET(self):
        if key := self._known():
            self._answer(200, self.bucket.objects[key])

    do_HEAD = do_GET

    def do_DELETE(self):
        if key := self._key():
            self.bucket.objects.pop(key, None)
            self._answer(204)

    def _known(self):
        key = self._key()
        if key and key not in self.bucket.objects:
            return self._error(404, "NoSuchKey")
        return key

    def _key(self):
        """The object that is meant; None where the question has been answered."""
        self.bucket.asked.append(f"{self.command} {self.path}")
        if self.bucket.refuse:
            return self._error(*self.bucket.refuse)
        if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential="):
            return self._error(403, "AccessDenied")
        _, bucket, key = self.path.partition("?")[0].split("/", 2)
        return key if bucket == self.bucket.name else self._error(404, "NoSuchBucket")

    def _error(self, status, code):
        self._answer(status, ERROR.format(code).encode())

    def _answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
