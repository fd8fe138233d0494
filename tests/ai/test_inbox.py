"""What a provider was paid for is on disk before anybody says so."""

import os
from pathlib import Path

from igny8_core.ai import inbox


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
