"""Is it up, and does its description hold?"""

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.settings import api_settings

from igny8_core.core import broker


def test_the_process_answers(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_it_is_ready_when_the_database_answers(db, client):
    assert client.get("/readyz").json() == {"status": "ok", "database": "ok"}


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "amqp://guest@127.0.0.1:1//", "redis://"])
def test_it_is_not_ready_without_its_broker(url, db, client, settings, monkeypatch):
    settings.CELERY_BROKER_URL = url
    monkeypatch.setitem(broker._PORTS, "redis", 1)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "database": "ok", "broker": "no answer"}


def test_the_schema_validates_without_a_warning(tmp_path):
    file = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    assert "/api/v1/sites/" in file.read_text()


def test_every_operation_declares_its_errors(db, client):
    schema = client.get("/api/v1/schema/").json()
    assert schema["openapi"].startswith("3.")
    assert not [path for path in schema["paths"] if not path.startswith("/api/v1/")]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            declared = operation["responses"].keys()
            assert {"400", "429"} <= declared, (method, path)
            if operation.get("security"):
                assert {"401", "403"} <= declared, (method, path)
            if "{" in path:
                assert "404" in declared, (method, path)


def test_the_pages_of_the_api_are_served_from_here(db):
    client = Client()
    assert client.get("/")["Location"] == "/api/docs/"
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"https://" not in page.content
    assert b"/static/drf_spectacular_sidecar/" in page.content
    bundle = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
    answer = client.get(bundle)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)


def test_only_json_comes_in_and_goes_out():
    assert [one.media_type for one in api_settings.DEFAULT_PARSER_CLASSES] == ["application/json"]
    assert [one.format for one in api_settings.DEFAULT_RENDERER_CLASSES] == ["json"]
