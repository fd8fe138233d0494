"""What we fetch for a provider: nothing from inside, and nothing else than what was checked."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from igny8_core.ai import checking, egress
from igny8_core.ai.egress import checked, fetch_picture
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.requests import Endpoint

OUTSIDE = "93.184.215.14"


@pytest.fixture
def names(monkeypatch):
    """What host names mean, look-up by look-up; the last meaning stays."""
    meanings = {}

    def look_up(host, port, *given, **more):
        found = meanings.get(host, [OUTSIDE])
        address = found.pop(0) if len(found) > 1 else found[0]
        addresses = address if isinstance(address, list) else [address]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return meanings


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example/a.png",
        "https://pictures.example:8443/a.png",
        "https://pictures.example:22/a.png",
        "https://user:word@pictures.example/a.png",
        "https://pictures.example@127.0.0.1/a.png",
        "https://pictures.example#@127.0.0.1/",
        "https://pictures.example\\@127.0.0.1/",
        "https:///a.png",
        "//pictures.example/a.png",
        "file:///etc/passwd",
        "ftp://pictures.example/a.png",
        "gopher://127.0.0.1:6379/_INFO",
        "data:image/png;base64,AAAA",
        "https://pictures.example\n/a.png",
        "https://pictures.example:99999/a.png",
        "https://[::1/a.png",
        "",
    ],
)
def test_only_plain_https_addresses_are_fetched(url, names, settings):
    settings.IGNY8_SANDBOX_URL = ""
    with pytest.raises(CallFailed) as refused:
        checked(url)
    assert refused.value.kind is Kind.OUT_OF_BOUNDS


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fc00::1",
        "fe80::1%eth0",
        "ff02::1",
        "192.88.99.1",
        "192.0.0.8",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "fec0::1",
        "::127.0.0.1",
        "::ffff:0:7f00:1",
        "::ffff:8.8.8.8",
        "64:ff9b:1::7f00:1",
    ],
)
def test_a_host_that_means_the_inside_is_refused(address, names):
    names["pictures.example"] = [address]
    with pytest.raises(CallFailed) as refused:
        checked("https://pictures.example/a.png")
    assert refused.value.kind is Kind.OUT_OF_BOUNDS


@pytest.fixture
def no_answer(monkeypatch):
    """A resolver that is asked and does not answer."""
    released = threading.Event()

    def wait(*given, **more):
        released.wait()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    yield
    released.set()


def test_a_name_that_is_looked_up_for_ever_is_given_up(no_answer, monkeypatch):
    monkeypatch.setattr(egress, "_LOOK_UP", 0.01)
    with pytest.raises(CallFailed) as failure:
        checked("https://pictures.example/a.png")
    assert failure.value.kind is Kind.UNFETCHED


@pytest.mark.parametrize("provider", ["openai", "runware"])
def test_a_test_ends_though_a_name_is_looked_up_for_ever(provider, no_answer, monkeypatch):
    monkeypatch.setattr(checking, "_LONGEST", 0.01)
    endpoint = Endpoint(provider, "https://nowhere.example/v1", "key")
    assert "did not answer in time" in checking.wrong_with(endpoint)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::6810:84e5", "2a00:1450:4001::200e"])
def test_a_host_that_means_the_outside_is_fetched_from(address, names):
    names["pictures.example"] = [address]
    assert address in checked("https://pictures.example/a.png").url


def test_one_address_inside_among_others_outside_is_enough(names):
    names["pictures.example"] = [[OUTSIDE, "10.0.0.1"]]
    with pytest.raises(CallFailed):
        checked("https://pictures.example/a.png")


@pytest.fixture
def connected(monkeypatch):
    """A listener that every connection ends at: where each meant to go, and what it said first."""
    listener = socket.create_server(("127.0.0.1", 0))
    meant, said = [], []
    real = socket.create_connection

    def hear():
        connection, _ = listener.accept()
        with connection:
            said.append(connection.recv(4096))

    thread = threading.Thread(target=hear)
    thread.start()

    def instead(address, *given, **more):
        meant.append(address)
        family = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        family.connect(listener.getsockname())
        return family

    monkeypatch.setattr(socket, "create_connection", instead)
    yield meant, said, thread
    monkeypatch.setattr(socket, "create_connection", real)
    thread.join(5)
    listener.close()


def test_a_name_that_changes_its_meaning_is_connected_to_where_it_was_checked(names, connected):
    meant, said, thread = connected
    names["pictures.example"] = [OUTSIDE, "127.0.0.1"]
    with pytest.raises(CallFailed) as broken:
        fetch_picture("https://pictures.example/a.png?size=large")
    thread.join(5)
    assert meant == [(OUTSIDE, 443)]
    assert broken.value.kind is Kind.UNFETCHED
    # The server is still told, and has to prove, whom we mean.
    assert b"pictures.example" in said[0]


def test_host_and_query_of_the_address_are_kept(names):
    target = checked("https://pictures.example/a/b.png?sig=1%2B2&x=y")
    assert target.url == f"https://{OUTSIDE}/a/b.png?sig=1%2B2&x=y"
    assert target.headers == {"Host": "pictures.example"}
    assert target.extensions == {"sni_hostname": "pictures.example"}


def test_an_address_of_the_sixth_version_is_written_in_brackets(names):
    names["pictures.example"] = ["2606:2800:21f:cb07::1"]
    assert checked("https://pictures.example/a.png").url.startswith("https://[2606:2800:")


def test_a_name_that_means_nothing_may_mean_something_later(monkeypatch):
    def unknown(*given, **more):
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(CallFailed) as failure:
        checked("https://pictures.example/a.png")
    assert failure.value.kind is Kind.UNFETCHED


def test_an_origin_that_the_operator_named_may_be_inside(names, settings):
    settings.IGNY8_PROVIDER_HOSTS = ["http://10.0.0.7:9000"]
    assert checked("http://10.0.0.7:9000/a.png").url == "http://10.0.0.7:9000/a.png"
    with pytest.raises(CallFailed):
        checked("http://10.0.0.7:9001/a.png")


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("picture=404", Kind.GONE),
        ("kind=picture status=410", Kind.GONE),
        ("kind=picture status=403", Kind.UNFETCHED),
        ("kind=picture status=500", Kind.UNFETCHED),
        ("kind=picture cut", Kind.UNFETCHED),
        ("kind=picture reset_before", Kind.UNFETCHED),
        ("picture=redirect", Kind.OUT_OF_BOUNDS),
        ("picture=huge bytes=22000000", Kind.BAD_PICTURE),
        ("kind=picture drip=0.05", Kind.UNFETCHED),
    ],
)
def test_what_a_fetch_met_says_how_to_go_on(rule, kind, sandbox, monkeypatch):
    monkeypatch.setattr(egress, "_LONGEST", 0.3)
    sandbox.script.add(rule)
    with pytest.raises(CallFailed) as failure:
        fetch_picture(sandbox.studio.address_of("A map", 320, 320, "png"))
    assert failure.value.kind is kind


@pytest.fixture
def at(settings):
    """A picture's address where one connection is answered with these parts, one by one."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings.IGNY8_PROVIDER_HOSTS = [f"http://127.0.0.1:{listener.getsockname()[1]}"]
    asked = []

    def serve(parts, pause):
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            asked.append(connection.recv(4096))
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)

    def answered(*parts, pause=0.0, path="/a.png"):
        thread = threading.Thread(target=serve, args=(parts, pause))
        thread.start()
        return f"{settings.IGNY8_PROVIDER_HOSTS[0]}{path}", thread, asked

    yield answered
    listener.close()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\n\r\n\x89PNG"])
def test_a_server_that_drips_its_head_or_its_body_is_left_in_time(begins, at, monkeypatch):
    monkeypatch.setattr(egress, "_LONGEST", 0.4)
    url, thread, _ = at(begins, *[b"a"] * 60, pause=0.05)
    started = time.monotonic()
    with pytest.raises(CallFailed) as failure:
        fetch_picture(url)
    assert time.monotonic() - started < 1.5
    assert failure.value.kind is Kind.UNFETCHED
    thread.join(5)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + PNG,
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n<!doctype html>",
        b"HTTP/1.1 200 OK\r\n\r\nGIF89a" + bytes(40),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b" + bytes(40),
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x89PNG",
    ],
)
def test_what_says_it_is_too_large_or_is_no_picture_is_not_read_on(answer, at):
    url, thread, _ = at(answer)
    with pytest.raises(CallFailed) as failure:
        fetch_picture(url)
    assert failure.value.kind is Kind.BAD_PICTURE
    thread.join(5)


def test_a_picture_comes_as_it_is_whatever_its_address_asks(at):
    url, thread, asked = at(b"HTTP/1.1 200 OK\r\n\r\n" + PNG[:5], PNG[5:])
    assert fetch_picture(f"{url}?sig=1%2B2&x=é z") == PNG
    thread.join(5)
    assert asked[0].startswith(b"GET /a.png?sig=1%2B2&x=%C3%A9%20z HTTP/1.1\r\nHost: 127.0.0.1:")


def test_an_address_cannot_add_to_what_is_asked(settings):
    settings.IGNY8_PROVIDER_HOSTS = ["http://127.0.0.1:9"]
    with pytest.raises(CallFailed) as failure:
        fetch_picture("http://127.0.0.1:9/a.png?x=\r\nX-Evil: 1")
    assert failure.value.kind is Kind.UNFETCHED


@pytest.mark.parametrize(
    "host",
    [
        *("127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001", "0x7f.1", "0177.0.0.1"),
        *("localhost", "localhost.", "LOCALHOST", "0", "0.0.0.0", "10.0.0.1", "2852039166"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fd00::1]", "[fe80::1]"),
    ],
)
def test_no_way_of_writing_an_inner_address_leads_inside(host):
    with pytest.raises(CallFailed) as refused:
        checked(f"https://{host}/a.png")
    assert refused.value.kind in {Kind.OUT_OF_BOUNDS, Kind.UNFETCHED}
