"""Where a provider's pictures are kept the moment they arrive."""

import hashlib
import os
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from igny8_core.ai.requests import AIRequest, StoredPicture


def keep(data: bytes, request: AIRequest) -> StoredPicture:
    """Store the bytes so that they survive a power cut; called in a provider thread."""
    path = put(f"inbox/{request.account_id}/{request.request_id}", data)
    checksum = hashlib.sha256(data).hexdigest()
    provider = request.endpoint.shown_as
    return StoredPicture(path, checksum, len(data), provider, request.model)


def put(path: str, data: bytes) -> str:
    """Store the bytes under this name, over what an earlier attempt left; answers the name."""
    if isinstance(default_storage, FileSystemStorage):
        _write(Path(default_storage.path(path)), data)
        return path
    # A bucket keeps the object, in one step, before it says so.
    return default_storage.save(path, ContentFile(data))


def take(picture: StoredPicture) -> bytes:
    """The bytes as they were kept; raises FileNotFoundError or ValueError where they are not."""
    with default_storage.open(picture.path) as file:
        data: bytes = file.read()
    if hashlib.sha256(data).hexdigest() != picture.checksum:
        raise ValueError(f"{picture.path} is not what was kept")
    return data


def discard(picture: StoredPicture) -> None:
    """Forget bytes that have become a picture of their own."""
    default_storage.delete(picture.path)


def _write(path: Path, data: bytes) -> None:
    """All of the file or none of it, on disk with its name and with every folder made for it."""
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with open(draft, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    for folder in {path.parent, *(folder.parent for folder in made)}:
        _sync(folder)


def _sync(folder: Path) -> None:
    """A name survives a power cut once its folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
