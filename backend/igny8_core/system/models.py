"""What an account has set: prompts with their versions, provider integrations, image settings."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from igny8_core.core import crypto
from igny8_core.core.tenancy import AccountModel


class AIPrompt(AccountModel):
    """The account's own prompt of one type; `active` is false where the default holds again."""

    prompt_type = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "prompt_type"], name="prompt_type_once")
        ]

    def __str__(self) -> str:
        return f"{self.prompt_type} v{self.version}"


class AIPromptVersion(AccountModel):
    """One state a prompt has had; never changed. An empty text is a return to the default."""

    prompt = models.ForeignKey(AIPrompt, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prompt", "version"], name="prompt_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} v{self.version}"


class IntegrationSettings(AccountModel):
    """One provider as the account uses it: its key, its address, its models."""

    class Type(models.TextChoices):
        OPENAI = "openai"
        RUNWARE = "runware"

    integration_type = models.CharField(max_length=20, choices=Type.choices)
    sealed_key = models.BinaryField(null=True)
    key_hint = models.CharField(max_length=16, blank=True, default="")
    base_url = models.CharField(max_length=500, blank=True, default="")
    is_active = models.BooleanField(default=True)
    config = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "integration_type"], name="integration_type_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.integration_type} of account {self.account_id}"

    @property
    def place(self) -> str:
        """What its key is bound to: sealed for one integration of one account alone."""
        return f"account:{self.account_id}:integration:{self.integration_type}"

    @property
    def api_key(self) -> str:
        """The account's own key in the clear, or "" where it has none; raises CannotDecrypt."""
        if self.sealed_key is None:
            return ""
        try:
            return crypto.decrypt(self.sealed_key, place=self.place)
        except crypto.CannotDecrypt as error:
            raise crypto.CannotDecrypt(
                f"The stored key of {self.integration_type} cannot be read any more. Enter the "
                "API key again in Settings > Integrations."
            ) from error

    def set_api_key(self, key: str) -> None:
        """Seal a key, or forget it where it is empty."""
        self.sealed_key = crypto.encrypt(key, place=self.place) if key else None
        self.key_hint = masked(key) if key else ""


class ImageSettings(AccountModel):
    """How pictures are made for the account; `config` holds what differs from the defaults."""

    config = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account"], name="image_settings_once")]

    def __str__(self) -> str:
        return f"image settings of account {self.account_id}"


def masked(key: str) -> str:
    """What a key is read back as: `sk-...abcd`; a short key shows nothing of itself."""
    return f"sk-...{key[-4:]}" if len(key) >= 12 else "sk-..."
