"""Clients are made once for each address and key, however many there are."""

from igny8_core.ai.providers import get_provider, openai, runware
from igny8_core.ai.providers.clients import Clients
from igny8_core.ai.requests import Endpoint
from tests.parallel import in_threads


class Made:
    """What stands for a client: whose it is, and whether it was closed."""

    def __init__(self, base_url, api_key):
        self.name, self.closed = api_key, False

    def close(self):
        self.closed = True


def used(clients, *names):
    """The clients of these keys, each used for a moment."""
    found = []
    for name in names:
        with clients.held("http://127.0.0.1", name) as client:
            assert not client.closed
            found.append(client)
    return found


def test_a_client_is_made_once_and_kept():
    clients = Clients(Made, most=3)
    assert used(clients, "a", "b", "a") == used(clients, "a", "b", "a")


def test_beyond_the_most_the_longest_unused_is_closed():
    clients = Clients(Made, most=2)
    a, b, _, c = used(clients, "a", "b", "a", "c")
    assert [one.closed for one in (a, b, c)] == [False, True, False]
    (again,) = used(clients, "b")
    assert again is not b


def test_none_is_closed_while_it_is_used():
    clients = Clients(Made, most=1)
    with clients.held("http://127.0.0.1", "a") as a, clients.held("http://127.0.0.1", "a") as same:
        used(clients, "b", "c")
        assert a is same
        assert not a.closed
    (d,) = used(clients, "d")
    assert a.closed
    assert not d.closed


def test_threads_that_ask_at_once_get_the_same_one():
    clients = Clients(Made)
    assert len(set(in_threads(8, lambda n: used(clients, "a")[0]))) == 1


def test_a_hundred_keys_have_a_client_each_in_both_providers():
    for module, name in ((openai, "openai"), (runware, "runware")):
        keys = [f"key-{n}" for n in range(100)]
        endpoints = [Endpoint(name, "http://127.0.0.1:1/v1", key) for key in keys]
        for endpoint in endpoints:
            get_provider(name).connect(endpoint)
        first = used_of(module, keys)
        for endpoint in endpoints:
            get_provider(name).connect(endpoint)
        assert used_of(module, keys) == first


def used_of(module, keys):
    return [module._clients._made["http://127.0.0.1:1/v1", key] for key in keys]
