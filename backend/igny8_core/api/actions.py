"""Starting an AI function, in the one way there is: from a function's name and a request.

class ClusterViewSet(TrashViewSet):
    @runs_function
    @action(detail=False, methods=["post"])
    def auto_generate_ideas(self, request):
        return start_run(request, "generate_ideas")
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypedDict, TypeVar, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from igny8_core.ai import tasks
from igny8_core.api.base import flag
from igny8_core.api.clustering import ClustererSerializer
from igny8_core.api.fields import as_id
from igny8_core.api.overlaps import OtherSerializer, OverlapSerializer
from igny8_core.api.schema import ProblemsSerializer
from igny8_core.api.throttling import count_action
from igny8_core.core.errors import InvalidPayload
from igny8_core.core.models import Membership

MODES = ("", "offline", "single")
#: Functions with a query of their own: its name in the payload, and how it is read.
_OWN_QUERIES = {"auto_cluster": ("clusterer", ClustererSerializer)}
F = TypeVar("F", bound=Callable[..., Any])


class RunPayload(TypedDict):
    """What `enqueue` takes: the ids, or all of a site where `all` says so."""

    ids: list[int]
    again: bool
    mode: str
    all: bool
    site: int | None


class Retried(TypedDict):
    """What makes a request recognisable when it comes again."""

    idempotency_key: str | None
    request_digest: str


class IdsSerializer(serializers.Serializer[Any]):
    """Which objects to work on."""

    ids = serializers.ListField(child=serializers.IntegerField(), required=False)
    all = serializers.BooleanField(required=False, help_text="With mode=offline: the whole site.")
    site = serializers.IntegerField(required=False, help_text="With all: which site.")


class TaskIdSerializer(serializers.Serializer[Any]):
    """The run that was started."""

    task_id = serializers.UUIDField()


class SkippedSerializer(serializers.Serializer[Any]):
    """An object that needs nothing done."""

    id = serializers.IntegerField()
    reason = serializers.CharField()


class CostSerializer(serializers.Serializer[Any]):
    """USD; null where no price is known."""

    expected = serializers.CharField(allow_null=True)
    max = serializers.CharField(allow_null=True)


class OverlappingSerializer(OverlapSerializer):
    """An object that would compete with what its site has already."""

    id = serializers.IntegerField()
    other = OtherSerializer()


class QuoteSerializer(serializers.Serializer[Any]):
    """What a run would come to."""

    items = serializers.IntegerField()
    skipped = SkippedSerializer(many=True)
    model = serializers.CharField()
    tokens_input = serializers.IntegerField()
    tokens_output_max = serializers.IntegerField()
    cost_usd = CostSerializer()
    credits = serializers.IntegerField()
    unpriced = serializers.IntegerField(help_text="Calls that no price is known for.")
    overlaps = OverlappingSerializer(many=True)


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key and request within 7 days: the same run.",
)
_QUERY = [
    OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="Only say what it would come to."),
    OpenApiParameter("again", OpenApiTypes.BOOL, description="Also where it was done already."),
    OpenApiParameter(
        "mode",
        enum=["offline", "single"],
        description="auto_cluster: without any model, or with all keywords in one prompt.",
    ),
]


def runs_function(view: F) -> F:
    """How the schema describes an AI action."""
    described: F = extend_schema(
        request=IdsSerializer,
        parameters=[IDEMPOTENCY_KEY, *_QUERY],
        responses={
            200: QuoteSerializer,
            202: TaskIdSerializer,
            402: ProblemsSerializer,
            422: ProblemsSerializer,
        },
        filters=False,
    )(view)
    return described


def start_run(request: Request, function_name: str) -> Response:
    """202 with the run's id, or for a dry run 200 with what it would come to."""
    caller = cast("Membership", request.auth)
    count_action(caller.account)
    payload = {**run_payload(request), **_own_payload(request, function_name)}
    if flag(request, "dry_run"):
        return Response(tasks.quote(function_name, payload, account=caller.account))
    run = tasks.enqueue(
        function_name, payload, account=caller.account, user=caller.user, **retried(request)
    )
    return accepted(run.pk)


def accepted(task_id: object) -> Response:
    """202: it will be done."""
    return Response({"task_id": str(task_id)}, status.HTTP_202_ACCEPTED)


def run_payload(request: Request) -> RunPayload:
    """The body and query of an action; raises InvalidPayload on the field that is wrong.

    Whether the ids exist, and how many there may be, is for the function to say.
    """
    body = body_of(request)
    mode = request.query_params.get("mode", "")
    if mode not in MODES:
        raise InvalidPayload("`mode` is offline, single or left out.", attr="mode")
    everything = body.get("all", False)
    if not isinstance(everything, bool):
        raise InvalidPayload("Say true or false.", attr="all")
    named = body.get("ids") is not None
    if everything and named and mode == "offline":
        raise InvalidPayload("Say `ids` or `all`, not both.", attr="ids")
    return RunPayload(
        # What cannot work on all of a site says so itself.
        ids=[] if everything and not named else ids_in(body),
        again=flag(request, "again"),
        mode=mode,
        all=everything,
        site=_site(request, body) if everything else None,
    )


def _own_payload(request: Request, function_name: str) -> dict[str, Any]:
    """What the function reads of the query beside what every action does, from whichever door."""
    if function_name not in _OWN_QUERIES:
        return {}
    name, serializer = _OWN_QUERIES[function_name]
    asked = serializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return {name: asked.validated_data}


def retried(request: Request) -> Retried:
    """The idempotency key, and a digest of path, query and body."""
    key = request.headers.get("Idempotency-Key", "")
    asked = [request.path, sorted(request.query_params.lists()), request.data]
    canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return Retried(
        idempotency_key=key or None,
        request_digest=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def body_of(request: Request) -> dict[str, Any]:
    """The body, which is an object; raises InvalidPayload."""
    body = request.data
    if not isinstance(body, dict):
        raise InvalidPayload('Send an object such as {"ids": [1, 2]}.')
    return body


def ids_in(body: dict[str, Any]) -> list[int]:
    """The body's `ids`, each once, in their order; raises InvalidPayload."""
    value = body.get("ids")
    if value is None:
        raise InvalidPayload("Name at least one id.", code="required", attr="ids")
    if not isinstance(value, list):
        raise InvalidPayload("This must be a list of ids.", code="not_a_list", attr="ids")
    if not value:
        raise InvalidPayload("Name at least one id.", code="empty", attr="ids")
    if any(isinstance(one, str) or as_id(one) is None for one in value):
        raise InvalidPayload("Every id is a whole number above 0.", attr="ids")
    return list(dict.fromkeys(value))


def _site(request: Request, body: dict[str, Any]) -> int | None:
    """The site that the body names, or the address as lists do; None is the default one."""
    value, asked = body.get("site"), request.query_params.get("site")
    if value is None and asked is None:
        return None
    site_id = as_id(asked) if value is None else None if isinstance(value, str) else as_id(value)
    if site_id is None:
        raise InvalidPayload("This is no id.", attr="site")
    return site_id
