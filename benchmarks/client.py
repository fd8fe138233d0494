"""A caller of the API over one connection that stays open."""

import http.client
import json
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.world import App

_PART = "a-part-of-the-form"
FINAL = {"SUCCESS", "FAILURE"}


class Client:
    def __init__(self, app: App, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=600)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, f"/api/v1/{path}", data, self._headers)
        response = self._connection.getresponse()
        answer = json.loads(response.read())
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {answer}")
        return answer

    def upload(self, path: str, data: bytes) -> Any:
        """The answer to a file that is taken."""
        status, answer = self.send_file(path, data)
        if status >= 300:
            raise RuntimeError(f"POST {path}: {status} {answer}")
        return answer

    def send_file(self, path: str, data: bytes) -> tuple[int, Any]:
        """Status and answer to a file in a form."""
        head = f'--{_PART}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
        body = head.encode() + data + f"\r\n--{_PART}--\r\n".encode()
        form = {"Content-Type": f"multipart/form-data; boundary={_PART}"}
        self._connection.request("POST", f"/api/v1/{path}", body, self._headers | form)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def download(self, path: str) -> int:
        """How many bytes a file has; they are read a little at a time."""
        self._connection.request("GET", f"/api/v1/{path}", headers=self._headers)
        response, size = self._connection.getresponse(), 0
        while piece := response.read(64 * 1024):
            size += len(piece)
        if response.status >= 300:
            raise RuntimeError(f"GET {path}: {response.status}")
        return size

    def start(self, task_ids: Sequence[int]) -> str:
        """Have the articles written; the run's id."""
        asked = self.call("POST", "ai/functions/generate_content/run/", {"ids": list(task_ids)})
        return asked["task_id"]

    def watch(self, task_id: str, pause: float) -> list[float]:
        """Poll until it has succeeded; the seconds that each answer took."""
        latencies, state = [], ""
        while state not in FINAL:
            time.sleep(pause)
            began = time.perf_counter()
            progress = self.call("GET", f"system/settings/task_progress/{task_id}/")
            latencies.append(time.perf_counter() - began)
            state = progress["state"]
        if state != "SUCCESS" or progress["meta"]["items_failed"]:
            raise RuntimeError(progress["meta"]["message"])
        return latencies
