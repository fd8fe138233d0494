import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor  # noqa: TID251 - many clients at once
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from igny8_core.sandbox import Sandbox
from igny8_core.sandbox.ledger import Call, Ledger

CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "JSON {title}"}]}
BACKEND = Path(__file__).parents[2] / "backend"


def test_the_log_says_who_asked_for_what_and_what_it_cost(http):
    heads = {
        "X-IGNY8-Function": "generate_meta",
        "X-IGNY8-Task-Id": "run-1",
        "X-Client-Request-Id": "attempt-1",
    }
    http.post("/v1/chat/completions", json=CHAT, headers=heads)
    [entry] = http.get("/__sandbox__/log").json()["entries"]
    assert (entry["function"], entry["task_id"]) == ("generate_meta", "run-1")
    assert (entry["client_request_id"], entry["model"]) == ("attempt-1", "gpt-4o-mini")
    assert (entry["state"], entry["billed"], entry["status"]) == ("answered", True, 200)
    assert entry["usage"]["total_tokens"] > 0
    assert len(entry["prompt_sha"]) == 64


def test_the_log_can_be_filtered_and_cleared(http):
    for task in ("a", "b", "b"):
        http.post("/v1/chat/completions", json=CHAT, headers={"X-IGNY8-Task-Id": task})
    log = http.get("/__sandbox__/log", params={"task_id": "b", "billed": "true"}).json()
    assert (log["count"], log["billed"]) == (2, 2)
    assert http.get("/__sandbox__/log", params={"after": "2"}).json()["count"] == 1
    limited = http.get("/__sandbox__/log", params={"limit": "1"}).json()
    assert (limited["count"], len(limited["entries"])) == (3, 1)
    http.delete("/__sandbox__/log")
    assert http.get("/__sandbox__/log").json()["count"] == 0


@pytest.mark.parametrize("query", [{"limit": "many"}, {"functon": "auto_cluster"}])
def test_a_filter_that_makes_no_sense_is_refused(query, http):
    assert http.get("/__sandbox__/log", params=query).status_code == 400


def test_its_own_paths_and_pages_are_not_in_the_log(http):
    assert http.get("/__sandbox__/health").json() == {"status": "ok"}
    assert http.get("/nothing").status_code == 404
    assert http.delete("/nothing").status_code == 404
    assert http.get("/__sandbox__/log").json()["count"] == 0


def test_billed_entries_survive_in_a_file(tmp_path):
    file = tmp_path / "billed.jsonl"
    with Sandbox(log_path=file, faults=["500 nth=2"]) as sandbox:
        for _ in range(3):
            httpx2.post(f"{sandbox.url}/v1/chat/completions", json=CHAT)
    assert [json.loads(line)["n"] for line in file.read_text().splitlines()] == [1, 3]


def test_the_log_is_right_under_many_threads():
    ledger = Ledger()

    def work(_):
        entry = ledger.arrive(Call("chat", "/", "prompt"))
        ledger.bill(entry, {"total_tokens": 1})
        ledger.leave(entry, 200)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(2_000)))
    report = ledger.report({})
    assert (report["count"], report["billed"], report["in_flight"]) == (2_000, 2_000, 0)
    assert len({entry["n"] for entry in report["entries"]}) == 2_000


def test_fifty_calls_with_a_delay_are_served_at_once(sandbox):
    sandbox.script.add("delay=1")
    with httpx2.Client(base_url=sandbox.url, timeout=10) as http, ThreadPoolExecutor(50) as pool:
        calls = [pool.submit(http.post, "/v1/chat/completions", json=CHAT) for _ in range(50)]
        assert {call.result().status_code for call in calls} == {200}
    report = sandbox.ledger.report({})
    assert report["most_in_flight"] == 50
    assert max(entry["in_flight"] for entry in report["entries"]) == 50


def test_a_connection_is_kept_for_several_requests(sandbox):
    parts = urlsplit(sandbox.url)
    body = json.dumps(CHAT).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        reader = connection.makefile("rb")
        for _ in range(3):
            connection.sendall(head.encode() + body)
            assert reader.readline() == b"HTTP/1.1 200 OK\r\n"
            size = next(
                int(line.split(b":")[1])
                for line in iter(reader.readline, b"\r\n")
                if line.startswith(b"Content-Length")
            )
            for _ in iter(reader.readline, b"\r\n"):
                pass
            reader.read(size)
        reader.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\r\n",
        b"nonsense\r\n\r\n",
        b"PATCH / HTTP/1.1\r\n\r\n",
        b"POST /v1 HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /v1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /v1 HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 6\r\n\r\n\xff\xfe{}[]",
        b"POST /v1 HTTP/1.1\r\nContent-Length: 9\r\n\r\n[1,null,]",
        b"POST /v1 HTTP/1.1\r\nContent-Length: 8\r\n\r\n[1,null]",
    ],
)
def test_a_bad_request_does_not_bring_it_down(request_bytes, sandbox, http):
    parts = urlsplit(sandbox.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass
    assert http.get("/__sandbox__/health").status_code == 200


@pytest.mark.parametrize("rule", ["delay=600", "hang", "drip=600", "hang=before"])
def test_stopping_ends_what_is_held_up(rule):
    sandbox = Sandbox(faults=[rule]).start()
    with httpx2.Client(base_url=sandbox.url, timeout=10) as http, ThreadPoolExecutor(1) as pool:
        call = pool.submit(http.post, "/v1/chat/completions", json=CHAT)
        while not sandbox.ledger.entries():
            pass
        begun = time.monotonic()
        sandbox.stop()
        with pytest.raises(httpx2.TransportError):
            call.result()
    assert time.monotonic() - begun < 2


def test_it_can_stop_and_come_back_at_the_same_port():
    first = Sandbox().start()
    port = urlsplit(first.url).port
    assert httpx2.get(f"{first.url}/__sandbox__/health").status_code == 200
    first.stop()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{first.url}/__sandbox__/health")
    with Sandbox(port) as second:
        assert httpx2.get(f"{second.url}/__sandbox__/health").status_code == 200


def test_as_a_process_it_prints_its_address_and_keeps_heavy_libraries_for_later():
    code = (
        "import sys; from igny8_core.sandbox import serve;"
        "assert not {'numpy', 'scipy', 'django'} & set(sys.modules);"
        "serve(0, ['429 first=1'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(BACKEND)}, stdout=subprocess.PIPE
    )
    with process:
        url = process.stdout.readline().decode().split()[-1]
        answers = [httpx2.post(f"{url}/v1/chat/completions", json=CHAT) for _ in range(2)]
        process.terminate()
    assert [answer.status_code for answer in answers] == [429, 200]
