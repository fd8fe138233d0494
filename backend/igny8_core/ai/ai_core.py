"""AICore: from a function's prompt to a provider's answer, and from an answer to data.

The engine's thread builds requests (settings and keys come from the database); a provider thread
sends them (no ORM there). One attempt is one HTTP request: retries are the engine's business.
"""

import logging
from dataclasses import dataclass, replace
from typing import Any, TypeVar, overload
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from pydantic import BaseModel, ValidationError

from igny8_core.ai import answers, catalogue, egress, inbox
from igny8_core.ai.base import BaseAIFunction
from igny8_core.ai.failures import CallFailed, Kind
from igny8_core.ai.limits import most_output
from igny8_core.ai.picture_prompts import fitted
from igny8_core.ai.prompts import Prompt
from igny8_core.ai.providers import get_provider
from igny8_core.ai.providers.transport import failed
from igny8_core.ai.requests import AIRequest, Answer, Endpoint, PictureOrder, label_of
from igny8_core.ai.settings import get_options
from igny8_core.ai.shapes import shape_of
from igny8_core.core.errors import BadResponse, NotConfigured
from igny8_core.core.models import Account
from igny8_core.system.queries import embedding_model, integration_of

logger = logging.getLogger(__name__)

S = TypeVar("S", bound=BaseModel)

#: Where the sandbox plays which provider.
_PLAYED = {"openai": "/v1", "runware": "/runware"}


@dataclass(frozen=True, slots=True)
class CallPlan:
    """How a function's calls are made for an account: resolved once per run."""

    endpoint: Endpoint
    model: str
    options: dict[str, Any]
    #: A sentence where the model asked for is no longer alive.
    notice: str = ""
    #: The account has named it for when the first cannot answer.
    is_second: bool = False


class AICore:
    """Calls of one account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def plan(self, function: BaseAIFunction) -> CallPlan:
        """Provider, address, key and model of a function; raises NotConfigured."""
        options = get_options(function, self.account)
        endpoint = endpoint_for(self.account, options["provider"])
        model, notice = catalogue.living(options["model"], elsewhere=is_elsewhere(endpoint))
        return CallPlan(endpoint, model, options, notice)

    def second(self, first: CallPlan) -> CallPlan | None:
        """Where the account's second choice is called; None where it named none that could be."""
        wish = first.options.get("fallback")
        if not wish:
            return None
        options = {**first.options, **wish}
        try:
            endpoint = endpoint_for(self.account, options["provider"])
        except NotConfigured:
            return None
        model, notice = catalogue.living(options["model"], elsewhere=is_elsewhere(endpoint))
        same = (endpoint, model) == (first.endpoint, first.model)
        return None if same else CallPlan(endpoint, model, options, notice, is_second=True)

    def embedding_plan(self) -> CallPlan:
        """Where texts are embedded by the model that the account has chosen; or NotConfigured."""
        endpoint = endpoint_for(self.account, "openai")
        wish = embedding_model(self.account)
        model, notice = catalogue.living(wish, elsewhere=is_elsewhere(endpoint))
        return CallPlan(endpoint, model, {}, notice)

    def request(
        self, function: BaseAIFunction, prompt: Any, plan: CallPlan, *, task_id: UUID
    ) -> AIRequest:
        """The first request for a prompt, or for a PictureOrder."""
        picture = prompt if isinstance(prompt, PictureOrder) else None
        timeout = (
            settings.IGNY8_IMAGE_TIMEOUT_SECONDS
            if picture
            else settings.IGNY8_PROVIDER_TIMEOUT_SECONDS
        )
        request = AIRequest(
            endpoint=plan.endpoint,
            function_name=function.get_name(),
            account_id=self.account.pk,
            task_id=task_id,
            request_id=uuid4(),
            question_id=uuid4(),
            model=plan.model,
            timeout=timeout,
            prompt="" if picture else str(prompt),
            temperature=plan.options.get("temperature"),
            response_format=_format_of(prompt, plan.options),
            shape=shape_of(function.answer_schema) if function.answer_schema else None,
            interface=plan.options.get("interface") or settings.IGNY8_OPENAI_INTERFACE,
            picture=picture and fitted(picture, plan.endpoint.provider, plan.model),
        )
        wanted = plan.options.get("max_tokens", request.max_tokens)
        return request.again(max_tokens=most_output(request, wanted))

    @staticmethod
    def run_ai_request(request: AIRequest) -> Answer:
        """One attempt; a picture is stored before this returns. Raises CallFailed."""
        try:
            if request.picture is not None:
                return AICore.generate_image(request)
            return get_provider(request.endpoint.provider).send(request)
        except CallFailed as failure:
            failure.told_of(request.endpoint.label, request.model)
            raise

    @staticmethod
    def generate_image(request: AIRequest) -> Answer:
        """One attempt at a picture: made, fetched where the answer is an address, and kept."""
        answer = get_provider(request.endpoint.provider).send(request)
        return answer if answer.is_held_back else AICore.fetch_picture(answer, request)

    @staticmethod
    def fetch_picture(answer: Answer, request: AIRequest) -> Answer:
        """The answer with its picture, or with why that is not kept: it is paid for as it is."""
        try:
            data = answer.picture_data or egress.fetch_picture(answer.picture_url)
            picture = inbox.keep(data, request)
        except CallFailed as failure:
            return replace(answer, unfetched=failure.told_of(request.endpoint.label))
        except Exception:
            # A full disk, or whatever the storage that is set up may raise.
            logger.exception("a picture could not be kept")
            unkept = failed(Kind.UNKEPT).told_of(request.endpoint.label)
            return replace(answer, unfetched=unkept)
        return replace(answer, picture=picture, picture_data=None, unfetched=None)

    @overload
    @staticmethod
    def extract_json(text: str) -> Any: ...

    @overload
    @staticmethod
    def extract_json(text: str, schema: type[S]) -> S: ...

    @staticmethod
    def extract_json(text: str, schema: type[S] | None = None) -> Any:
        """The JSON in an answer, the first that fits the schema; raises BadResponse."""
        wrong: ValidationError | None = None
        for value in answers.values_in(text):
            if schema is None:
                return value
            try:
                return schema.model_validate(value)
            except ValidationError as error:
                wrong = wrong or error
        assert wrong is not None
        raise BadResponse(_explained(wrong))


def _format_of(prompt: Any, options: dict[str, Any]) -> str:
    """JSON alone is insisted on only where the prompt asks for it: others may answer in text."""
    asks = prompt.asks_for_json if isinstance(prompt, Prompt) else "json" in str(prompt).lower()
    return str(options.get("response_format", "text")) if asks else "text"


def endpoint_for(account: Account, provider: str, *, even_off: bool = False) -> Endpoint:
    """Where the account's calls to a provider go, and with which key; raises NotConfigured.

    An account's own key never goes to the sandbox, and an operator's never to an address that
    an account has set. `even_off`: by the account's integration also where it is switched off.
    """
    integration = integration_of(account, provider, even_off=even_off)
    operator_url = getattr(settings, f"{provider.upper()}_BASE_URL")
    default_url = get_provider(provider).default_url
    if integration and integration.api_key:
        url = integration.base_url or operator_url or default_url
        return Endpoint(provider, url, integration.api_key)
    operator_key = getattr(settings, f"{provider.upper()}_API_KEY")
    if operator_key or operator_url:
        return Endpoint(provider, operator_url or default_url, operator_key or "none")
    return _sandbox(provider)


def is_elsewhere(endpoint: Endpoint) -> bool:
    """Whether a host is not the provider's own: what is served there may be something else.

    Hosts below it are its own too, such as those of a region.
    """
    home = urlsplit(get_provider(endpoint.provider).default_url).hostname
    host = urlsplit(endpoint.base_url).hostname
    is_home = home is None or f".{host}".endswith(f".{home}")
    return not (endpoint.sandbox or is_home)


def _sandbox(provider: str) -> Endpoint:
    path = _PLAYED.get(provider)
    if not settings.IGNY8_SANDBOX_URL or path is None:
        raise NotConfigured(
            f"No {label_of(provider)} key. Add one in Settings > Integrations, or set "
            f"{provider.upper()}_API_KEY."
        )
    return Endpoint(provider, settings.IGNY8_SANDBOX_URL + path, "sandbox", sandbox=True)


def _explained(error: ValidationError) -> str:
    problems = [
        f"{'.'.join(map(str, problem['loc'])) or 'answer'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)[:5]
    ]
    return "The answer does not have the shape that was asked for: " + "; ".join(problems)
