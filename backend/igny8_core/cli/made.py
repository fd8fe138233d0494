"""What has come of some keywords so far, kind by kind, by this job or by an earlier one."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from django.core.files.storage import default_storage

from igny8_core.cli.output import Picture, Written
from igny8_core.core.bulk import pieces
from igny8_core.core.models import Account
from igny8_core.core.tenancy import SiteModel
from igny8_core.planner.models import Cluster, ContentIdeas, Keyword
from igny8_core.writer.models import Content, Images, Tasks

#: Each kind, and by which of its fields it hangs on the one before.
_CHAIN: tuple[tuple[str, type[SiteModel], str], ...] = (
    ("clusters", Cluster, "keywords"),
    ("ideas", ContentIdeas, "cluster"),
    ("tasks", Tasks, "queued_from"),
    ("articles", Content, "task"),
    ("pictures", Images, "content"),
)
_ARTICLES_AT_ONCE = 50


class Made:
    """Follows the chain from keywords to pictures, always as it stands now."""

    def __init__(self, account: Account, keyword_ids: Sequence[int]) -> None:
        self.account = account
        self._keyword_ids = list(keyword_ids)

    def ids(self, kind: str) -> list[int]:
        """The living objects of a kind: the keywords as they were given, others oldest first."""
        ids = self._keyword_ids
        for name, model, field in _CHAIN if kind != "keywords" else ():
            ids = self._hanging_on(model, field, ids)
            if name == kind:
                break
        return ids

    def counts(self) -> dict[str, int]:
        """How many there are of each kind; of pictures, those that are drawn."""
        counts = {name: len(self.ids(name)) for name in ("keywords", *(kind[0] for kind in _CHAIN))}
        drawn = Images.objects.for_account(self.account).exclude(path="")
        counts["pictures"] = sum(
            drawn.filter(pk__in=piece).count() for piece in pieces(self.ids("pictures"))
        )
        return counts

    def keywords_without_cluster(self) -> list[str]:
        """The keywords that no cluster holds; none can be in two."""
        lost = Keyword.objects.for_account(self.account).filter(cluster=None)
        return [
            text
            for piece in pieces(self._keyword_ids)
            for text in lost.filter(pk__in=piece).values_list("keyword", flat=True)
        ]

    def articles(self) -> Iterator[Written]:
        """The articles with their pictures, a few in memory at a time."""
        rows = Content.objects.for_account(self.account).select_related("task__cluster")
        for piece in pieces(self.ids("articles"), _ARTICLES_AT_ONCE):
            pictures: dict[int, list[Images]] = {}
            drawn = Images.objects.for_account(self.account).filter(content__in=piece)
            for image in drawn.exclude(path="").order_by("placement", "position"):
                pictures.setdefault(image.content_id, []).append(image)
            for content in rows.filter(pk__in=piece).order_by("pk"):
                yield _written(content, pictures.get(content.pk, []))

    def _hanging_on(self, model: type[SiteModel], field: str, ids: list[int]) -> list[int]:
        living = model.objects.for_account(self.account)
        found = {
            pk
            for piece in pieces(ids)
            for pk in living.filter(**{f"{field}__in": piece}).values_list("pk", flat=True)
        }
        return sorted(found)


def _written(content: Content, images: Sequence[Images]) -> Written:
    cluster = content.task.cluster if content.task else None
    return Written(
        title=content.title,
        html=content.html,
        slug=content.slug,
        meta_title=content.meta_title,
        meta_description=content.meta_description,
        language=content.language,
        primary_keyword=content.primary_keyword,
        secondary_keywords=tuple(content.secondary_keywords),
        tags=tuple(content.tags),
        categories=tuple(content.categories),
        word_count=content.word_count,
        cluster=cluster.name if cluster else "",
        pictures=tuple(map(_picture, images)),
    )


def _picture(image: Images) -> Picture:
    small = image.variants.get("mobile") or image.variants.get("preview")
    featured = image.placement == Images.Placement.FEATURED
    return Picture(
        data=_bytes(image.path),
        suffix=PurePosixPath(image.path).suffix.lstrip(".") or image.format,
        alt=image.alt_text,
        width=image.width or 0,
        height=image.height or 0,
        featured=featured,
        position=image.position,
        preview=_bytes(small["path"]) if small and featured else b"",
    )


def _bytes(path: str) -> bytes:
    with default_storage.open(path) as file:
        return bytes(file.read())
