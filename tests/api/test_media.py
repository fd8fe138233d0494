"""Pictures answer to a signature, or to their account."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signing import TimestampSigner
from django.test import RequestFactory

from igny8_core.api.media import signed_url
from tests.world import error


@pytest.fixture(params=["files", "bucket"])
def path(request, world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    if request.param == "bucket":
        request.getfixturevalue("bucket").objects["secret.png"] = b"secret"
    else:
        (tmp_path / "secret.png").write_bytes(b"secret")
    return default_storage.save(
        f"pictures/{world.account.pk}/7/featured-1.webp", ContentFile(b"a picture")
    )


def read(response):
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def signed(path):
    return signed_url(RequestFactory().get("/"), path)


def test_a_signed_address_opens_without_a_token(path, nobody):
    response = nobody.client.get(signed(path))
    assert read(response) == b"a picture"
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_stale_token_does_not_spoil_a_signature(path, nobody):
    response = nobody.client.get(signed(path), headers={"authorization": "Bearer igk_old"})
    assert read(response) == b"a picture"


def test_its_account_needs_no_signature(path, world, nobody):
    assert read(world.vera.api.get(f"/media/{path}")) == b"a picture"
    assert world.charlie.api.get(f"/media/{path}").status_code == 404
    assert nobody.get(f"/media/{path}").status_code == 404


def test_a_browser_session_of_its_account_opens_it(path, world, client):
    client.force_login(world.bob.user)
    assert read(client.get(f"/media/{path}")) == b"a picture"


def test_a_signature_is_for_one_file_and_for_a_day(path, world, nobody, settings):
    other = default_storage.save(path.replace("featured", "other"), ContentFile(b"other"))
    signature = signed(path).split("?")[1]
    assert nobody.get(f"/media/{other}?{signature}").status_code == 404
    assert nobody.get(f"/media/{path}?{signature}x").status_code == 404
    assert nobody.get(f"/media/{path}?{signature.replace('=', '=0')}").status_code == 404
    settings.IGNY8_SIGNED_URL_SECONDS = -1
    assert nobody.client.get(signed(path)).status_code == 404


def test_a_signature_by_another_key_or_for_another_purpose_opens_nothing(path, nobody):
    others = (TimestampSigner(key="another's", salt="igny8.media"), TimestampSigner(salt="other"))
    for signer in others:
        signature = signer.sign(path).removeprefix(f"{path}:")
        assert nobody.get(f"/media/{path}?sig={signature}").status_code == 404


def test_a_picture_is_one_request_to_the_bucket(world, bucket, nobody):
    path = f"pictures/{world.account.pk}/7/featured-1.webp"
    bucket.objects[path] = b"a picture"
    response = nobody.client.get(signed(path))
    assert (read(response), response["Content-Length"]) == (b"a picture", "9")
    assert bucket.asked == [f"GET /{bucket.name}/{path}"]


def test_a_bucket_that_is_away_is_no_missing_picture(world, bucket):
    bucket.refuse = (403, "AccessDenied")
    response = world.alice.api.get(f"/media/pictures/{world.account.pk}/7/featured-1.webp")
    assert response.status_code == 503
    assert error(response)["code"] == "unavailable"
    assert "AccessDenied" in error(response)["detail"]


@pytest.mark.parametrize(
    "tail",
    [
        "../secret.png",
        "..%2f..%2fsecret.png",
        "%2e%2e/%2e%2e/secret.png",
        "7/nothing.webp",
        "7/",
        "7/featured-1.webp%00",
        "7\\featured-1.webp",
        "7/featured-1.svg",
    ],
)
def test_no_path_leads_anywhere_else(tail, path, world):
    response = world.alice.api.get(f"/media/pictures/{world.account.pk}/{tail}")
    assert response.status_code == 404
