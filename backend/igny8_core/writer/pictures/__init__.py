"""Bytes of pictures: what may be decoded, and the forms in which it is stored."""

from igny8_core.writer.pictures.checks import BadPicture, PictureFormat, PictureInfo, inspect
from igny8_core.writer.pictures.variants import Rendered, render

__all__ = ["BadPicture", "PictureFormat", "PictureInfo", "Rendered", "inspect", "render"]
