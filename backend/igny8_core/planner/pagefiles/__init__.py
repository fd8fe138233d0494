"""Read what lists a site's pages: a sitemap, Search Console's pages export, or any CSV.

Pure: bytes in, dataclasses out.
"""

from igny8_core.planner.pagefiles.reader import read_pages
from igny8_core.planner.pagefiles.records import PageFile, PageFileError, PageRow

__all__ = ["PageFile", "PageFileError", "PageRow", "read_pages"]
