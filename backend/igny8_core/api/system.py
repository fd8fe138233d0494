"""What an account has set: prompts, integrations, image settings."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from igny8_core.ai import registry
from igny8_core.ai.checking import check_integration
from igny8_core.ai.prompts import PromptRegistry
from igny8_core.ai.requests import label_of
from igny8_core.api.base import AccountView
from igny8_core.core.errors import InvalidPayload, NotInAccount
from igny8_core.core.models import Account, Role
from igny8_core.system import queries, services
from igny8_core.system.providers import provider_names
from igny8_core.system.schemas import (
    ImageConfig,
    ImageConfigChange,
    IntegrationChange,
)

FOR_ADMINS = dict.fromkeys(("GET", "POST", "PUT", "DELETE"), Role.ADMIN)


class PromptTextSerializer(serializers.Serializer[Any]):
    """A prompt's new text."""

    prompt = serializers.CharField(trim_whitespace=False)


class PromptSerializer(serializers.Serializer[Any]):
    """The prompt in force for the account."""

    prompt_type = serializers.CharField()
    prompt = serializers.CharField()
    source = serializers.ChoiceField(["account", "default"])  # type: ignore[assignment]
    version = serializers.IntegerField()
    placeholders = serializers.ListField(child=serializers.CharField())


class IntegrationSerializer(serializers.Serializer[Any]):
    """An integration with its key masked."""

    integration_type = serializers.ChoiceField(
        [(name, label_of(name)) for name in provider_names()]
    )
    api_key = serializers.CharField(allow_null=True)
    base_url = serializers.CharField(allow_blank=True)
    is_active = serializers.BooleanField()
    config = serializers.JSONField()


class CheckSerializer(serializers.Serializer[Any]):
    """Whether the provider lets the account in."""

    ok = serializers.BooleanField()
    detail = serializers.CharField()
    latency_ms = serializers.IntegerField()


class PromptView(AccountView):
    """The prompt of one type: the account's own, else the default."""

    roles = FOR_ADMINS

    @extend_schema(operation_id="system_prompts_retrieve", responses={200: PromptSerializer})
    def get(self, request: Request, prompt_type: str) -> Response:
        """The text in force."""
        return Response(_prompt(self.account, _known_type(prompt_type)))

    @extend_schema(
        operation_id="system_prompts_update",
        request=PromptTextSerializer,
        responses={200: PromptSerializer},
    )
    def put(self, request: Request, prompt_type: str) -> Response:
        """Write a new version of the account's own text."""
        text = self.read_text(_known_type(prompt_type))
        services.set_prompt(self.account, prompt_type, text, author=self.user)
        return Response(_prompt(self.account, prompt_type))

    @extend_schema(operation_id="system_prompts_destroy", responses={204: None})
    def delete(self, request: Request, prompt_type: str) -> Response:
        """Return to the default."""
        services.reset_prompt(self.account, _known_type(prompt_type), author=self.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def read_text(self, prompt_type: str) -> str:
        """The body's prompt; raises InvalidPayload naming every placeholder nobody fills."""
        text: str = self.read(PromptTextSerializer)["prompt"]
        unknown = PromptRegistry.unknown_placeholders(prompt_type, text)
        if unknown:
            raise InvalidPayload(
                f"Unknown in a {prompt_type} prompt: {', '.join(unknown)}.",
                code="unknown_placeholder",
                attr="prompt",
            )
        return text


class IntegrationView(AccountView):
    """One provider as the account uses it."""

    roles = FOR_ADMINS

    @extend_schema(
        operation_id="system_integrations_retrieve", responses={200: IntegrationSerializer}
    )
    def get(self, request: Request, integration_type: str) -> Response:
        """The integration, its key masked."""
        return Response(_integration(self.account, _known_provider(integration_type)))

    @extend_schema(
        operation_id="system_integrations_update",
        request=IntegrationChange,
        responses={200: IntegrationSerializer},
    )
    def put(self, request: Request, integration_type: str) -> Response:
        """Merge: what is left out keeps its value, null resets."""
        provider = _known_provider(integration_type)
        services.set_integration(
            self.account,
            provider,
            request.data,
            functions=registry.list_functions(),
            of_pictures=registry.list_picture_functions(),
        )
        return Response(_integration(self.account, provider))

    @extend_schema(operation_id="system_integrations_destroy", responses={204: None})
    def delete(self, request: Request, integration_type: str) -> Response:
        """As if it had never been set."""
        services.delete_integration(self.account, _known_provider(integration_type))
        return Response(status=status.HTTP_204_NO_CONTENT)


class IntegrationTestView(AccountView):
    """Does the provider let the account in?"""

    roles = FOR_ADMINS

    @extend_schema(
        operation_id="system_integrations_test", request=None, responses={200: CheckSerializer}
    )
    def post(self, request: Request, integration_type: str) -> Response:
        """Ask the provider; it never takes more than 10 seconds."""
        return Response(check_integration(self.account, _known_provider(integration_type)))


class ImageSettingsView(AccountView):
    """How pictures are made for the account."""

    @extend_schema(operation_id="system_settings_images_retrieve", responses={200: ImageConfig})
    def get(self, request: Request) -> Response:
        """The settings, defaults included."""
        return Response(queries.image_config(self.account).model_dump())

    @extend_schema(
        operation_id="system_settings_images_update",
        request=ImageConfigChange,
        responses={200: ImageConfig},
    )
    def put(self, request: Request) -> Response:
        """Merge: what is left out keeps its value, null resets."""
        services.set_image_config(self.account, request.data)
        return Response(queries.image_config(self.account).model_dump())


def _prompt(account: Account, prompt_type: str) -> dict[str, Any]:
    own = queries.prompt_of(account, prompt_type)
    return {
        "prompt_type": prompt_type,
        "prompt": own.text or PromptRegistry.default_for(prompt_type),
        "source": "account" if own.text else "default",
        "version": own.version,
        "placeholders": list(PromptRegistry.placeholders_for(prompt_type)),
    }


def _integration(account: Account, provider: str) -> dict[str, Any]:
    state = queries.integration_state(account, provider)
    return {**asdict(state), "config": state.config.model_dump()}


def _known_type(prompt_type: str) -> str:
    if prompt_type not in PromptRegistry.prompt_types():
        raise NotInAccount
    return prompt_type


def _known_provider(integration_type: str) -> str:
    if integration_type not in provider_names():
        raise NotInAccount
    return integration_type
