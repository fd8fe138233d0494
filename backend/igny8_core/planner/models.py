"""Keywords, the clusters they form, and the ideas that clusters give."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from igny8_core.core.tenancy import AccountModel, SiteModel
from igny8_core.planner.intake import fold


class Intent(models.TextChoices):
    """What a searcher wants."""

    INFORMATIONAL = "informational"
    COMMERCIAL = "commercial"
    TRANSACTIONAL = "transactional"
    NAVIGATIONAL = "navigational"


class KeywordImport(AccountModel):
    """One file that was read: what it was, how it was read, what came of it."""

    site = models.ForeignKey("core.Site", on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=255, blank=True)
    format = models.CharField(max_length=40)
    evidence = models.JSONField(default=dict)
    imported = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.filename} ({self.format})"


class Cluster(SiteModel):
    """Keywords that one page can answer."""

    class Status(models.TextChoices):
        NEW = "new"
        PLANNED = "planned"

    target_type = "cluster"

    name = models.CharField(max_length=255)
    folded = models.CharField(max_length=255, editable=False)
    description = models.TextField(blank=True, default="")
    head_keyword = models.CharField(max_length=255, blank=True, default="")
    intent = models.CharField(max_length=16, choices=Intent.choices, null=True)
    locked = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)

    class Meta:
        indexes = [
            models.Index(fields=["account", "site", "id"], name="cluster_of_site"),
            models.Index(fields=["site", "folded"], name="cluster_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def set_name(self, name: str) -> None:
        """The name and the form it is compared in, together."""
        self.name = name
        self.folded = folded_name(name)


class Keyword(SiteModel):
    """What people search for, with what is known of it and where that came from.

    `folded` is the text as it is compared (NFKC, case, spaces): SQLite's own LOWER knows ASCII
    only. Unknown numbers are null, never 0.
    """

    class AssignedBy(models.TextChoices):
        AI = "ai"
        REPAIRED = "repaired"
        FALLBACK = "fallback"
        OFFLINE = "offline"
        PERSON = "person"

    target_type = "keyword"

    keyword = models.CharField(max_length=255)
    folded = models.CharField(max_length=255, editable=False)
    language = models.CharField(max_length=35, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    volume = models.BigIntegerField(null=True, blank=True)
    volume_max = models.BigIntegerField(null=True, blank=True)
    volume_source = models.CharField(max_length=16, blank=True, default="")
    difficulty = models.FloatField(null=True, blank=True)
    cpc = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    cpc_currency = models.CharField(max_length=3, blank=True, default="")
    intent = models.CharField(max_length=16, choices=Intent.choices, null=True)
    intents = models.JSONField(default=list, blank=True)
    intent_inferred = models.BooleanField(default=False)
    parent_topic = models.CharField(max_length=255, blank=True, default="")
    position = models.FloatField(null=True, blank=True)
    url = models.TextField(blank=True, default="")
    serp_urls = models.JSONField(default=list, blank=True)
    extra = models.JSONField(default=dict, blank=True)
    source = models.ForeignKey(
        KeywordImport, on_delete=models.SET_NULL, null=True, related_name="keywords"
    )
    cluster = models.ForeignKey(
        Cluster, on_delete=models.SET_NULL, null=True, blank=True, related_name="keywords"
    )
    assigned_by = models.CharField(max_length=10, choices=AssignedBy.choices, null=True, blank=True)
    similarity = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "language", "country", "folded"],
                condition=Q(deleted_at=None),
                name="keyword_once",
            ),
            models.CheckConstraint(
                condition=Q(volume=None) | Q(volume__gte=0), name="keyword_volume_ge_0"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "site", "id"], name="keyword_of_site"),
            # All that lists are searched, filtered and sorted by, so that a page is found without
            # reading rows. `deleted_at` is neither a condition nor before the cluster: SQLite would
            # not take a partial index for a complete one, nor find rows by their ids beside such a
            # one. The id is in it for PostgreSQL, and early, so that what is imported is written
            # side by side. PostgreSQL has it of the living alone, and for the count and the orders
            # indexes more, which would mislead SQLite: migrations 0002 and 0006.
            models.Index(
                fields=[
                    *("account", "cluster", "deleted_at", "id", "site", "volume", "folded"),
                    *("intent", "difficulty", "cpc", "language", "country", "assigned_by"),
                    "created_at",
                ],
                name="keyword_in_lists",
            ),
        ]

    def __str__(self) -> str:
        return self.keyword

    @property
    def status(self) -> str:
        """What `status_of` says of its cluster."""
        return self.status_of(self.cluster_id)

    @property
    def may_be_moved(self) -> bool:
        """Whether a run may: no person has put it into its cluster, or edited that."""
        if self.cluster is None:
            return True
        return self.assigned_by != self.AssignedBy.PERSON and not self.cluster.locked

    @staticmethod
    def status_of(cluster_id: int | None) -> str:
        """`clustered` for a keyword that has a cluster, else `new`."""
        return "new" if cluster_id is None else "clustered"

    def set_text(self, text: str) -> None:
        """The keyword and the form it is compared in, together."""
        self.keyword = text
        self.folded = fold(text)


class ContentIdeas(SiteModel):
    """An article somebody might write for a cluster."""

    class Status(models.TextChoices):
        NEW = "new"
        QUEUED = "queued"

    target_type = "idea"

    title = models.CharField(max_length=500)
    folded = models.CharField(max_length=500, editable=False)
    description = models.TextField(blank=True, default="")
    outline = models.JSONField(default=list, blank=True)
    content_type = models.CharField(max_length=64, blank=True, default="")
    content_structure = models.CharField(max_length=64, blank=True, default="")
    target_keywords = models.JSONField(default=list, blank=True)
    cluster = models.ForeignKey(
        Cluster, on_delete=models.SET_NULL, null=True, blank=True, related_name="ideas"
    )
    estimated_word_count = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.NEW)
    run_item = models.BigIntegerField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["account", "site", "id"], name="idea_of_site"),
            models.Index(fields=["site", "folded"], name="idea_by_title"),
        ]

    def __str__(self) -> str:
        return self.title

    def set_title(self, title: str) -> None:
        """The title and the form it is compared in, together."""
        self.title = title
        self.folded = folded_title(title)


class Page(SiteModel):
    """A page that the site has already, wherever it came from; it is there to be compared with."""

    target_type = "page"

    url = models.CharField(max_length=2000)
    title = models.CharField(max_length=500, blank=True, default="")
    keyword = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "url"], condition=Q(deleted_at=None), name="page_once"
            )
        ]
        indexes = [models.Index(fields=["account", "site", "id"], name="page_of_site")]

    def __str__(self) -> str:
        return self.url


def folded_name(name: str) -> str:
    """A cluster's name as it is compared; folding may lengthen it beyond its column."""
    return fold(name)[:255]


def folded_title(title: str) -> str:
    """An idea's title as it is compared; folding may lengthen it beyond its column."""
    return fold(title)[:500]
