"""What a provider was paid for is on disk before anybody says so."""

import hashlib
import os
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils.functional import empty

from igny8_core.ai import inbox
from igny8_core.ai.requests import StoredPicture


def test_a_picture_is_on_disk_with_its_name_and_its_new_folders(tmp_path, monkeypatch):
    path = tmp_path / "inbox" / "7" / "a-picture"
    synced = []

    def fsync(descriptor):
        synced.append((Path(os.readlink(f"/proc/self/fd/{descriptor}")), path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    inbox._write(path, b"bytes")
    assert path.read_bytes() == b"bytes"
    first, *folders = synced
    assert first == (path.with_suffix(".part"), False)
    assert set(folders) == {(folder, True) for folder in (tmp_path, *list(path.parents)[:2])}
    assert list(path.parent.iterdir()) == [path]


def test_also_the_first_picture_of_a_process_is_on_disk(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(default_storage, "_wrapped", empty)
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    inbox.put("inbox/7/first", b"bytes")
    assert synced
    assert (tmp_path / "inbox/7/first").read_bytes() == b"bytes"


@pytest.mark.parametrize("place", ["files", "bucket"])
def test_what_is_kept_is_taken_as_it_was_or_not_at_all(place, request, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    if place == "bucket":
        request.getfixturevalue("bucket")
    for data in (b"an attempt", b"bytes"):
        inbox.put("inbox/7/a", data)
    checksum = hashlib.sha256(b"bytes").hexdigest()
    kept = StoredPicture("inbox/7/a", checksum, 5, "openai", "m")
    assert inbox.take(kept) == b"bytes"
    inbox.put("inbox/7/a", b"others")
    with pytest.raises(ValueError, match="not what was kept"):
        inbox.take(kept)
    inbox.discard(kept)
    inbox.discard(kept)
    with pytest.raises(FileNotFoundError):
        inbox.take(kept)
