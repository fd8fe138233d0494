"""Pictures in an S3-compatible bucket: written whole, read whole, and said so where it fails."""

import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from igny8_core.core import environment
from igny8_core.core.bucket import BucketAway, BucketStorage

NAME = "pictures/1/a/original.webp"


def test_a_file_is_written_over_what_was_there_in_one_request(bucket):
    for data in (b"one", b"two"):
        assert default_storage.save(NAME, ContentFile(data)) == NAME
    assert bucket.objects == {NAME: b"two"}
    assert bucket.types == {NAME: "image/webp"}
    assert bucket.asked == [f"PUT /{bucket.name}/{NAME}"] * 2


def test_a_file_is_read_in_one_request(bucket):
    bucket.objects[NAME] = b"bytes"
    with default_storage.open(NAME) as file:
        assert (file.read(), file.name) == (b"bytes", NAME)
    assert bucket.asked == [f"GET /{bucket.name}/{NAME}"]
    assert default_storage.size(NAME) == 5


def test_what_is_not_there_is_missing_and_may_be_deleted(bucket):
    assert not default_storage.exists(NAME)
    default_storage.delete(NAME)
    with pytest.raises(FileNotFoundError):
        default_storage.open(NAME)
    with pytest.raises(ValueError, match="read"):
        default_storage.open(NAME, "wb")


def test_all_threads_share_one_client(bucket):
    barrier = threading.Barrier(8)

    def save(number):
        barrier.wait(5)
        default_storage.save(f"{number}.png", ContentFile(b"x"))

    assert default_storage.client is default_storage.client
    threads = [threading.Thread(target=save, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(bucket.objects) == 8


@pytest.mark.parametrize(
    ("refusal", "said"),
    [((403, "AccessDenied"), "AccessDenied"), ((404, "NoSuchBucket"), "NoSuch")],
)
def test_a_bucket_that_lets_us_not_in_is_away_and_not_empty(refusal, said, bucket):
    bucket.refuse = refusal
    for use in (
        lambda: default_storage.save(NAME, ContentFile(b"x")),
        lambda: default_storage.open(NAME),
        lambda: default_storage.delete(NAME),
    ):
        with pytest.raises(BucketAway, match=said) as away:
            use()
        assert isinstance(away.value, OSError)


def test_a_bucket_that_does_not_answer_is_away(bucket):
    bucket.stop()
    storage = BucketStorage(bucket.name, bucket.url)
    with pytest.raises(BucketAway, match="EndpointConnectionError"):
        storage.exists(NAME)


def test_without_a_key_it_is_away_and_says_what_is_missing(bucket, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(BucketAway, match="NoCredentials"):
        BucketStorage(bucket.name, bucket.url).exists(NAME)


def test_a_bucket_without_its_packages_names_the_variable_and_the_cure(monkeypatch):
    monkeypatch.setenv("IGNY8_S3_BUCKET", "pictures")
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.bucket("IGNY8_S3_BUCKET")
    assert str(refused.value) == (
        "IGNY8_S3_BUCKET needs packages that are not installed here: run "
        "`sh requirements/install.sh s3`, or leave it out."
    )


@pytest.mark.parametrize("name", ["a", "s3://pictures", "pic tures", "../x"])
def test_what_cannot_be_a_bucket_is_refused(name, monkeypatch):
    monkeypatch.setenv("IGNY8_S3_BUCKET", name)
    with pytest.raises(ImproperlyConfigured, match="IGNY8_S3_BUCKET cannot be read"):
        environment.bucket("IGNY8_S3_BUCKET")
