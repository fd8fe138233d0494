"""The folder a pipeline leaves: articles with their pictures, an overview and a report.

Plain values in, files out: nothing here knows the database.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from igny8_core.core.errors import InvalidPayload
from igny8_core.writer.article import PlacedPicture, place_pictures
from igny8_core.writer.markdown import to_markdown
from igny8_core.writer.words import slug_for

_PAGES = Engine(dirs=[str(Path(__file__).parent / "pages")])


@dataclass(frozen=True)
class Picture:
    """A picture's bytes, and its place in the article."""

    data: bytes
    suffix: str
    alt: str
    width: int
    height: int
    featured: bool
    position: int
    #: A small form of it, for lists.
    preview: bytes = b""

    @property
    def name(self) -> str:
        """Its file beside the article."""
        return f"{'featured' if self.featured else f'picture-{self.position}'}.{self.suffix}"


@dataclass(frozen=True)
class Written:
    """An article as it was written."""

    title: str
    html: str
    slug: str = ""
    meta_title: str = ""
    meta_description: str = ""
    language: str = "en"
    primary_keyword: str = ""
    secondary_keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    word_count: int = 0
    cluster: str = ""
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Card:
    """What the overview shows of an article."""

    title: str
    description: str
    address: str
    cluster: str
    word_count: int
    pictures: int
    thumbnail: str
    alt: str


class OutputFolder:
    """`articles/<slug>/index.html`, `article.md` and pictures; then `index.html`, `report.json`."""

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise InvalidPayload(f"{path} is a file; --out names a folder.")
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.cards: list[Card] = []
        self._slugs: set[str] = set()

    def add(self, article: Written) -> None:
        """Write one article with its pictures."""
        slug = self._free_slug(article.slug or article.title)
        folder = self.path / "articles" / slug
        folder.mkdir(parents=True, exist_ok=True)
        for picture in article.pictures:
            (folder / picture.name).write_bytes(picture.data)
            if picture.featured and picture.preview:
                (folder / f"preview.{picture.suffix}").write_bytes(picture.preview)
        body = place_pictures(article.html, [_placed(picture) for picture in article.pictures])
        _write(folder / "article.md", to_markdown(body, _front_matter(article, slug)))
        _write(folder / "index.html", _page("article.html", article=article, body=body))
        self.cards.append(_card(article, slug))

    def finish(self, report: Mapping[str, Any]) -> None:
        """Write the report, and the page that leads to every article."""
        text = json.dumps(report, indent=2, ensure_ascii=False, default=str)
        _write(self.path / "report.json", f"{text}\n")
        _write(self.path / "index.html", _page("overview.html", report=report, cards=self.cards))

    def _free_slug(self, wanted: str) -> str:
        slug = candidate = slug_for(wanted)
        number = 1
        while candidate in self._slugs:
            number += 1
            candidate = f"{slug}-{number}"
        self._slugs.add(candidate)
        return candidate


def _placed(picture: Picture) -> PlacedPicture:
    return PlacedPicture(
        src=picture.name,
        alt=picture.alt,
        width=picture.width,
        height=picture.height,
        featured=picture.featured,
        position=picture.position,
    )


def _front_matter(article: Written, slug: str) -> dict[str, object]:
    return {
        "title": article.title,
        "slug": slug,
        "description": article.meta_description,
        "language": article.language,
        "keyword": article.primary_keyword,
        "keywords": article.secondary_keywords,
        "tags": article.tags,
        "categories": article.categories,
        "cluster": article.cluster,
        "words": article.word_count,
    }


def _card(article: Written, slug: str) -> Card:
    featured = next((picture for picture in article.pictures if picture.featured), None)
    return Card(
        title=article.title,
        description=article.meta_description,
        address=f"articles/{slug}/index.html",
        cluster=article.cluster,
        word_count=article.word_count,
        pictures=len(article.pictures),
        thumbnail=f"articles/{slug}/{_thumbnail(featured)}" if featured else "",
        alt=featured.alt if featured else "",
    )


def _thumbnail(featured: Picture) -> str:
    return f"preview.{featured.suffix}" if featured.preview else featured.name


def _page(name: str, **values: object) -> str:
    return _PAGES.get_template(name).render(Context(values))


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a page that is open meanwhile never shows half of it."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
