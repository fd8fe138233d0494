"""Runs of AI functions: the queue, its progress and its log in one row; items; provider calls."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from igny8_core.ai.phases import Phase
from igny8_core.core.tenancy import AccountModel


class RunState(models.TextChoices):
    """Where a run stands; the last two are final."""

    PENDING = "PENDING"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class ItemState(models.TextChoices):
    """Where an item stands; the last three are final."""

    PENDING = "PENDING"
    PROGRESS = "PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELLED = "CANCELLED"


LIVE = (RunState.PENDING.value, RunState.PROGRESS.value)


class AITaskLog(AccountModel):
    """One run of one AI function: what was asked, who works on it, how far it is, what it gave.

    `fence` rises with every claim; whoever writes names the fence they claimed with, so that a
    worker that lost its run writes nothing more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("core.Site", on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    retry_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    function_name = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    #: What no second run may work on meanwhile, where it is not the single items.
    exclusive = models.CharField(max_length=120, null=True)

    idempotency_key = models.CharField(max_length=255, null=True)
    idempotency_digest = models.CharField(max_length=64, blank=True, default="")

    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.PENDING)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.INIT)
    percentage = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True, default="")
    request_steps = models.JSONField(default=list)
    response_steps = models.JSONField(default=list)
    items_total = models.PositiveIntegerField(default=0)
    items_done = models.PositiveIntegerField(default=0)
    items_failed = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=18, decimal_places=10, default=0)
    unpriced_calls = models.PositiveIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    #: What its succeeded items were expected to take when their prompts were made, and how far
    #: off that was: (actual - expected) / expected; null where a cost is unknown.
    expected_cost = models.DecimalField(max_digits=18, decimal_places=10, null=True)
    expected_tokens = models.BigIntegerField(null=True)
    quote_error = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    provider = models.CharField(max_length=40, blank=True, default="")
    model = models.CharField(max_length=200, blank=True, default="")
    prompt_version = models.CharField(max_length=40, blank=True, default="")
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)

    fence = models.BigIntegerField(default=0)
    #: Counts the transactions of its owners: one whose commit was cut off can be looked up.
    writes = models.BigIntegerField(default=0)
    owner = models.CharField(max_length=200, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    deaths = models.PositiveSmallIntegerField(default=0)
    #: The item in PARSE or SAVE: should its worker die there, it is the one to blame.
    at_risk = models.BigIntegerField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "idempotency_key"],
                condition=~Q(idempotency_key=None),
                name="run_idempotency_once",
            ),
            models.UniqueConstraint(
                fields=["account", "exclusive"],
                condition=Q(state__in=LIVE) & ~Q(exclusive=None),
                name="run_exclusive_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "lease_until"],
                condition=Q(state__in=LIVE),
                name="run_to_claim",
            ),
            models.Index(fields=["account", "-created_at"], name="run_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.function_name} {self.id} {self.state}"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in LIVE


class AITaskItem(AccountModel):
    """The unit of paid work: one cluster, task, content, image, or group of keywords.

    `payload` is what the function's prepare() gets for it: `{"ids": [...]}`.
    """

    run = models.ForeignKey(AITaskLog, on_delete=models.CASCADE, related_name="items")
    seq = models.PositiveIntegerField()
    function_name = models.CharField(max_length=64)
    target_type = models.CharField(max_length=40, blank=True, default="")
    target_id = models.BigIntegerField()
    payload = models.JSONField(default=dict)
    #: How many ids it stands for.
    size = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.PENDING)
    credits = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    error = models.JSONField(null=True)
    created = models.JSONField(default=dict)
    cost = models.DecimalField(max_digits=18, decimal_places=10, default=0)
    unpriced_calls = models.PositiveIntegerField(default=0)
    tokens_input = models.BigIntegerField(default=0)
    tokens_output = models.BigIntegerField(default=0)
    #: What its first question was expected to take; null where it was never asked, or unknown.
    expected_cost = models.DecimalField(max_digits=18, decimal_places=10, null=True)
    expected_tokens = models.BigIntegerField(null=True)
    provider = models.CharField(max_length=40, blank=True, default="")
    model = models.CharField(max_length=200, blank=True, default="")
    parameters = models.JSONField(default=dict)
    prompt_version = models.CharField(max_length=40, blank=True, default="")
    prompt_digest = models.CharField(max_length=64, blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "seq"], name="item_seq_once"),
            models.UniqueConstraint(
                fields=["account", "function_name", "target_type", "target_id"],
                condition=Q(state__in=LIVE) & ~Q(target_type="group"),
                name="item_object_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.function_name} {self.target_type} {self.target_id}: {self.state}"

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.tokens_input + self.tokens_output


class CallState(models.TextChoices):
    """What is known of one request to a provider."""

    INTENT = "intent"
    OK = "ok"
    ERROR = "error"
    UNKNOWN = "unknown"


class ProviderCall(AccountModel):
    """One request to a provider, written before it is sent, with the raw answer it brought."""

    class Purpose(models.TextChoices):
        FIRST = "first"
        RETRY = "retry"
        LONGER = "longer"
        REASK = "reask"
        EMBED = "embed"

    item = models.ForeignKey(AITaskItem, on_delete=models.CASCADE, null=True, related_name="calls")
    #: Whose call it is where it is no item's: made before the run had any.
    run = models.ForeignKey(AITaskLog, on_delete=models.CASCADE, null=True, related_name="+")
    n = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    request_id = models.UUIDField(unique=True)
    #: The same for every attempt at the same question: Runware's taskUUID.
    question_id = models.UUIDField()
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=CallState.choices, default=CallState.INTENT)
    error_kind = models.CharField(max_length=20, blank=True, default="")
    error_code = models.CharField(max_length=100, blank=True, default="")
    error_detail = models.TextField(blank=True, default="")
    finish_reason = models.CharField(max_length=40, blank=True, default="")
    provider_request_id = models.CharField(max_length=200, blank=True, default="")
    usage = models.JSONField(default=dict)
    tokens_input = models.BigIntegerField(default=0)
    tokens_output = models.BigIntegerField(default=0)
    cost = models.DecimalField(max_digits=18, decimal_places=10, null=True)
    #: The most it may cost, while that is not known; null where no price is.
    max_cost = models.DecimalField(max_digits=18, decimal_places=10, null=True)
    #: How the cost is known: its parts, and the price row or whose figure it is (`Cost.as_dict`).
    cost_breakdown = models.JSONField(null=True)
    raw = models.BinaryField(null=True)
    #: Where the picture of this answer is kept: path, checksum, bytes.
    picture = models.JSONField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    #: The claim of the run that sent it: once another has the run, nobody waits for it.
    fence = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    #: The size of the picture that is asked for, while the call is under way: some are paid by it.
    picture_size = ""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "n"], name="call_once"),
            models.CheckConstraint(
                condition=Q(item=None, run__isnull=False) | Q(item__isnull=False, run=None),
                name="call_of_item_or_run",
            ),
        ]
        #: All that is summed up for a ceiling stands in it: no row need be read.
        indexes = [
            models.Index(
                fields=["account", "created_at", "state", "cost", "max_cost"], name="call_spent"
            )
        ]

    def __str__(self) -> str:
        return f"call {self.n} of item {self.item_id}: {self.state}"
