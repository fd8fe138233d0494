"""`igny8 serve` comes up on an empty folder, stops when told to, and gets over being killed."""

import json
import os
import signal
import socket
import stat
import subprocess
from contextlib import suppress

import pytest

from tests.cli.processes import Command, Server, free_port, is_alive, until


def test_it_says_where_it_is_and_how_to_sign_in_with_a_login_that_stays(migrated, started):
    before = {name: (migrated / name).read_text() for name in ("secrets.env", "demo.txt")}
    server = started(Server(migrated, RUNWARE_API_KEY="a key")).is_up()
    assert server.says(r"up on (\S+)") == f"http://127.0.0.1:{server.port}"
    assert "plays OpenAI; set OPENAI_API_KEY" in server.says("Sandbox .*")
    password = server.says(r"demo@igny8\.local  (\S+)")
    assert before["demo.txt"].split() == ["demo@igny8.local", password]
    for name, text in before.items():
        assert (migrated / name).read_text() == text
        assert stat.S_IMODE((migrated / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "line",
    [
        b"Idempotency-Key: a\x01b",
        b"Not a header",
        b"Content-Length: many",
        b"Transfer-Encoding: gzip",
    ],
)
def test_a_request_that_is_no_http_is_refused_in_the_shape_of_the_api(line, migrated, started):
    server = started(Server(migrated)).is_up()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line_to:
        line_to.sendall(b"POST /api/v1/sites/ HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n\r\n")
        head, _, body = line_to.makefile("rb").read().partition(b"\r\n\r\n")
    assert b" 400 Bad Request" in head.splitlines()[0]
    assert b"Content-Type: application/json" in head
    assert json.loads(body)["type"] == "validation_error"
    (problem,) = json.loads(body)["errors"]
    assert set(problem) == {"code", "detail", "attr"}
    assert problem["detail"].endswith(".")
    assert ".." not in problem["detail"]


def test_a_signal_to_its_group_ends_it_and_its_stand_in(migrated, started):
    server = started(Server(migrated)).is_up()
    server.says("Demo login")
    (stand_in,) = server.children()
    server.signal(signal.SIGINT)
    assert server.wait() == 0, server.text
    assert "Traceback" not in server.text
    until(lambda: not is_alive(stand_in))


def test_signals_that_come_twice_and_mixed_end_it_just_as_well(migrated, started):
    broker = f"redis://127.0.0.1:{free_port()}/0"
    server = started(Server(migrated, CELERY_BROKER_URL=broker)).is_up()
    assert "none here" in server.says("Worker .*")
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        server.signal(number)
    assert server.wait() == 0, server.text
    assert "Traceback" not in server.text


def test_signals_that_come_until_the_very_end_change_nothing(migrated, started):
    server = started(Server(migrated)).is_up()
    while server.process.poll() is None:
        server.signal(signal.SIGTERM, group=False)
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(0.005)
    assert server.wait() == 0, server.text
    assert "Stopped." in server.text


def test_a_signal_in_the_middle_of_the_start_ends_it_cleanly(tmp_path, started):
    server = started(Server(tmp_path / "var"))
    until((tmp_path / "var" / "igny8.sqlite3").exists, server)
    server.signal(signal.SIGTERM, group=False)
    assert server.wait() == 0, server.text
    assert "Traceback" not in server.text


def test_a_stand_in_that_dies_is_replaced_and_none_outlives_a_killed_server(migrated, started):
    server = started(Server(migrated)).is_up()
    server.says("Demo login")
    (first,) = server.children()
    os.kill(first, signal.SIGKILL)
    second = until(lambda: [pid for pid in server.children() if pid != first], server)[0]
    server.signal(signal.SIGKILL, group=False)
    server.wait()
    until(lambda: not is_alive(second))
    again = started(Server(migrated, port=server.port)).is_up()
    assert again.get("/readyz") == 200


def test_two_starts_at_once_on_an_empty_folder_prepare_it_once(tmp_path, started):
    servers = [started(Server(tmp_path / "var")) for _ in range(2)]
    logins = {server.is_up().says(r"Demo login +(.*)") for server in servers}
    assert len(logins) == 1
    third = started(Server(tmp_path / "var", port=servers[0].port))
    assert third.wait() == 1
    assert f"cannot listen on 127.0.0.1 port {third.port}" in third.text
    assert third.text.count("\n") == 1


@pytest.mark.redis
def test_a_celery_worker_stops_on_signals_too(migrated, started):
    broker = "redis://127.0.0.1:6379/9"
    worker = started(Command("worker", data=migrated, CELERY_BROKER_URL=broker))
    worker.says("Working")
    for _ in range(2):
        worker.signal(signal.SIGTERM)
    assert worker.wait() == 0, worker.text
    assert "Traceback" not in worker.text
