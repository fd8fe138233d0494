"""Pictures in an S3-compatible bucket, as a Django storage.

One client serves all threads of the process, which boto3's resources do not; a file is written
in one request, over what was there, and read in one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from mimetypes import guess_type
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

from igny8_core.core.errors import Unavailable

_MISSING = {"404", "NoSuchKey"}


class BucketAway(Unavailable, OSError):
    """The bucket does not answer or lets us not in: to whoever stores, a disk that fails."""


class BucketStorage(Storage):
    """Files as objects of a bucket; keys come from where botocore looks for them.

    `endpoint` is empty for Amazon's own; another one is addressed by path, as all of them take.
    """

    def __init__(self, bucket: str, endpoint: str = "", region: str = "") -> None:
        self.bucket, self.endpoint, self.region = bucket, endpoint, region

    @cached_property
    def client(self) -> Any:
        """botocore's client; making one costs half a second and 25 MB."""
        config = Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=settings.IGNY8_MAX_CONCURRENCY + 4,
            s3={"addressing_style": "path" if self.endpoint else "auto"},
            # Many servers refuse the checksums that Amazon's takes.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return botocore.session.get_session().create_client(
            "s3",
            endpoint_url=self.endpoint or None,
            region_name=self.region or ("us-east-1" if self.endpoint else None),
            config=config,
        )

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: an object is replaced whole, in one step."""
        return name

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        try:
            self.size(name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        """Its bytes; raises FileNotFoundError."""
        return int(self._call("head_object", name)["ContentLength"])

    def delete(self, name: str) -> None:
        """Delete it; one that is not there is no error."""
        self._call("delete_object", name)

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """All of it at once: an error comes now, never in the middle of an answer."""
        if mode != "rb":
            raise ValueError("A file in a bucket is read, or saved anew.")
        body = self._call("get_object", name)["Body"]
        with _translated(name):
            return ContentFile(body.read(), name=name)

    def _save(self, name: str, content: "File[bytes]") -> str:
        kind = guess_type(name)[0] or "application/octet-stream"
        self._call("put_object", name, Body=content.read(), ContentType=kind)
        return name

    def _call(self, operation: str, name: str, **values: Any) -> Any:
        with _translated(name):
            return getattr(self.client, operation)(Bucket=self.bucket, Key=name, **values)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _MISSING:
            raise FileNotFoundError(name) from None
        raise _away(code) from error
    except (BotoCoreError, HTTPClientError) as error:
        raise _away(type(error).__name__) from error


def _away(code: str) -> BucketAway:
    return BucketAway(
        f"Pictures can be neither stored nor read at the moment ({code}); try again later."
    )
