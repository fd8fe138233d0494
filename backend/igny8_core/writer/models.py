"""Writing tasks, the articles they become with every version of them, and their pictures."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from igny8_core.core.tenancy import AccountModel, SiteModel
from igny8_core.planner.models import Cluster, ContentIdeas


class Tasks(SiteModel):
    """One article to write."""

    class Status(models.TextChoices):
        PENDING = "pending"
        IN_PROGRESS = "in_progress"
        COMPLETED = "completed"
        FAILED = "failed"

    target_type = "task"

    title = models.CharField(max_length=500)
    description = models.TextField(blank=True, default="")
    brief = models.TextField(blank=True, default="")
    outline = models.JSONField(default=list, blank=True)
    keywords = models.TextField(blank=True, default="")
    idea = models.ForeignKey(
        ContentIdeas, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    cluster = models.ForeignKey(
        Cluster, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    content_type = models.CharField(max_length=64, blank=True, default="")
    content_structure = models.CharField(max_length=64, blank=True, default="")
    tone = models.CharField(max_length=255, blank=True, default="")
    word_count = models.PositiveIntegerField(null=True, blank=True)
    prompt_override = models.TextField(blank=True, default="")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    #: The idea this task was queued from: once, however often the queue is asked.
    queued_from = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queued_from"], condition=Q(deleted_at=None), name="task_queued_once"
            )
        ]
        indexes = [models.Index(fields=["account", "site", "id"], name="task_of_site")]

    def __str__(self) -> str:
        return self.title


class Content(SiteModel):
    """An article as it stands; `version` counts its changes, for optimistic locking."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        REVIEW = "review"
        PUBLISHED = "published"

    target_type = "content"

    task = models.ForeignKey(
        Tasks, on_delete=models.SET_NULL, null=True, blank=True, related_name="contents"
    )
    title = models.CharField(max_length=500)
    html = models.TextField(blank=True, default="")
    meta_title = models.CharField(max_length=255, blank=True, default="")
    meta_description = models.TextField(blank=True, default="")
    slug = models.CharField(max_length=255, blank=True, default="")
    language = models.CharField(max_length=35, blank=True, default="")
    primary_keyword = models.CharField(max_length=255, blank=True, default="")
    secondary_keywords = models.JSONField(default=list, blank=True)
    tags = models.JSONField(default=list, blank=True)
    categories = models.JSONField(default=list, blank=True)
    word_count = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(deleted_at=None), name="content_one_per_task"
            )
        ]
        indexes = [models.Index(fields=["account", "site", "id"], name="content_of_site")]

    def __str__(self) -> str:
        return self.title


class ContentVersion(AccountModel):
    """One state an article has, had, or is proposed to have; its text is never changed."""

    class Source(models.TextChoices):
        AI = "ai"
        PERSON = "person"
        RESTORE = "restore"

    class State(models.TextChoices):
        CURRENT = "current"
        PAST = "past"
        PROPOSED = "proposed"

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    html = models.TextField(blank=True)
    meta_title = models.CharField(max_length=255, blank=True)
    meta_description = models.TextField(blank=True)
    #: What else an AI run wrote: keywords, tags, categories, slug.
    details = models.JSONField(default=dict)
    source = models.CharField(max_length=10, choices=Source.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    run_item = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "number"], name="content_version_once"),
            models.UniqueConstraint(
                fields=["content"], condition=Q(state="current"), name="content_one_current"
            ),
            models.UniqueConstraint(
                fields=["run_item"], condition=~Q(run_item=None), name="content_version_of_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} v{self.number} ({self.state})"


class Images(SiteModel):
    """One picture of an article: its prompt, and the bytes that were made from it.

    `path` carries the generation, so a new picture never overwrites the one it replaces.
    """

    class Placement(models.TextChoices):
        FEATURED = "featured"
        IN_ARTICLE = "in_article"

    class Status(models.TextChoices):
        PENDING = "pending"
        PROMPTED = "prompted"
        GENERATED = "generated"
        FAILED = "failed"

    target_type = "image"

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="images")
    placement = models.CharField(max_length=12, choices=Placement.choices)
    position = models.PositiveIntegerField(default=0)
    prompt = models.TextField(blank=True, default="")
    alt_text = models.CharField(max_length=500, blank=True, default="")
    path = models.CharField(max_length=255, blank=True, default="", editable=False)
    generation = models.PositiveIntegerField(default=0, editable=False)
    checksum = models.CharField(max_length=64, blank=True, default="", editable=False)
    #: {"desktop"|"mobile"|"preview": {"path", "width", "height"}}
    variants = models.JSONField(default=dict, editable=False)
    provider = models.CharField(max_length=40, blank=True, default="")
    model = models.CharField(max_length=200, blank=True, default="")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    format = models.CharField(max_length=8, blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["content", "placement", "position"],
                condition=Q(deleted_at=None),
                name="image_place_once",
            )
        ]
        indexes = [models.Index(fields=["account", "site", "id"], name="image_of_site")]

    def __str__(self) -> str:
        return f"{self.placement} {self.position} of {self.content_id}"
