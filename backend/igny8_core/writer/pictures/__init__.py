"""Bytes of pictures: what may be decoded, and the forms in which it is stored."""

from igny8_core.writer.pictures.checks import BadPicture, PictureInfo, inspect
from igny8_core.writer.pictures.variants import Rendered, render

__all__ = ["BadPicture", "PictureInfo", "Rendered", "inspect", "render"]
