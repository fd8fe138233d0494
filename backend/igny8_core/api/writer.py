"""The writer's routes: tasks, articles with their versions, pictures."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from igny8_core.ai.prompts import PromptRegistry
from igny8_core.api.actions import runs_function, start_run
from igny8_core.api.base import Ordering, Search, SiteFilters, TrashViewSet, Values
from igny8_core.api.exports import ExportViewSet
from igny8_core.api.fields import AccountModelSerializer, IdFilter, as_id, caller_of
from igny8_core.api.media import signed_url
from igny8_core.api.overlaps import OverlapMixin, OverlapSerializer
from igny8_core.api.site_objects import OutlineField, SiteObjectSerializer, TextsField
from igny8_core.core.errors import NotInAccount
from igny8_core.core.models import Role
from igny8_core.core.spreadsheet import Table
from igny8_core.core.trash import put_in_trash, take_from_trash
from igny8_core.planner.ideas import MAX_WORDS
from igny8_core.writer import content, export, images, tasks
from igny8_core.writer.models import Content, ContentVersion, Images, Tasks
from igny8_core.writer.versions import restore_version

MAX_PROMPT = 20_000
MAX_IMAGE_PROMPT = 32_000
MAX_POSITION = 1_000
MAX_VERSION = 2**31 - 1


class TaskSerializer(SiteObjectSerializer):
    """A task as callers see and set it; viewers do not see the prompt."""

    outline = OutlineField()
    word_count = serializers.IntegerField(
        min_value=0, max_value=MAX_WORDS, required=False, allow_null=True
    )
    prompt_override = serializers.CharField(max_length=MAX_PROMPT, required=False, allow_blank=True)

    class Meta:
        model = Tasks
        fields = [
            *("id", "site", "title", "description", "brief", "outline", "keywords", "idea"),
            *("cluster", "content_type", "content_structure", "tone", "word_count"),
            *("prompt_override", "assignee", "due_on", "status"),
        ]

    def to_representation(self, instance: Tasks) -> dict[str, Any]:
        """All fields, for a viewer without the prompt."""
        shown = super().to_representation(instance)
        if caller_of(self.context).role == Role.VIEWER:
            del shown["prompt_override"]
        return shown

    def validate_prompt_override(self, text: str) -> str:
        """Refuse placeholders that nobody would replace, naming all of them."""
        unknown = PromptRegistry.unknown_placeholders("content_generation", text)
        if unknown:
            raise serializers.ValidationError(
                f"Unknown placeholders: {', '.join(unknown)}.", code="unknown_placeholder"
            )
        return text


class ShownTaskSerializer(TaskSerializer):
    """With the verdict on it, where it was asked for."""

    overlap = OverlapSerializer(required=False)

    class Meta(TaskSerializer.Meta):
        fields = [*TaskSerializer.Meta.fields, "overlap"]


class TaskFilters(SiteFilters):
    """By what a task is, what it is for and whose it is."""

    cluster = IdFilter()
    idea = IdFilter()
    assignee = IdFilter()

    class Meta:
        model = Tasks
        fields = {
            **{name: ["exact"] for name in ("status", "content_type", "content_structure")},
            "due_on": ["exact", "gte", "lte"],
        }


class TasksViewSet(OverlapMixin, ExportViewSet):
    """Writing tasks of the account."""

    model = Tasks
    serializer_class = TaskSerializer
    shown_class = ShownTaskSerializer
    filterset_class = TaskFilters
    exported_as = "tasks"
    search_fields = ["title", "description", "keywords"]
    ordering_fields = ["id", "created_at", "title", "due_on", "status", "word_count"]

    def create_object(self, values: Values) -> Tasks:
        return tasks.create_task(self.account, **values)

    def change_object(self, instance: Tasks, values: Values) -> Tasks:
        return tasks.change_task(instance, **values)

    def delete_object(self, instance: Tasks) -> None:
        put_in_trash(instance)

    def restore_object(self, instance: Tasks) -> Tasks:
        return take_from_trash(instance)

    def table_of(self, rows: QuerySet[Tasks]) -> Table:
        return export.task_table(rows)

    @runs_function
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def auto_generate_content(self, request: Request) -> Response:
        """Write the articles of tasks."""
        return start_run(request, "generate_content")


class ContentSerializer(SiteObjectSerializer):
    """An article as callers see and set it; a PATCH may name the `version` it was made for."""

    secondary_keywords = TextsField()
    tags = TextsField()
    categories = TextsField()
    version = serializers.IntegerField(min_value=0, max_value=MAX_VERSION, required=False)

    class Meta:
        model = Content
        fields = [
            *("id", "site", "task", "title", "html", "meta_title", "meta_description", "slug"),
            *("language", "primary_keyword", "secondary_keywords", "tags", "categories"),
            *("word_count", "status", "version"),
        ]
        read_only_fields = ["word_count"]
        extra_kwargs = {"slug": {"max_length": 255}}


class VersionSerializer(AccountModelSerializer):
    """A version of an article."""

    class Meta:
        model = ContentVersion
        fields = [
            *("number", "title", "html", "meta_title", "meta_description", "source", "state"),
            *("author", "created_at"),
        ]
        read_only_fields = fields


class ContentFilters(SiteFilters):
    """By what an article is and what it was written for."""

    task = IdFilter()

    class Meta:
        model = Content
        fields = ["status", "language", "slug"]


NUMBER = OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH)


class ContentViewSet(TrashViewSet):
    """Articles of the account."""

    model = Content
    serializer_class = ContentSerializer
    filterset_class = ContentFilters
    search_fields = ["title", "primary_keyword", "meta_title"]
    ordering_fields = ["id", "created_at", "title", "status", "word_count"]

    def create_object(self, values: Values) -> Content:
        # An article begins at version 1, whatever is said.
        values.pop("version", None)
        return content.create_content(self.account, user=self.user, **values)

    def change_object(self, instance: Content, values: Values) -> Content:
        return content.change_content(instance, user=self.user, **values)

    def delete_object(self, instance: Content) -> None:
        content.trash_content(instance)

    def restore_object(self, instance: Content) -> Content:
        return content.restore_content(instance)

    @extend_schema(responses=VersionSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        filter_backends=[Search, Ordering],
        search_fields=["title", "html"],
        ordering_fields=["number", "title", "source", "state", "created_at"],
        ordering=["-number"],
    )
    def versions(self, request: Request, pk: str) -> Response:
        """The article's versions, the newest first."""
        versions = ContentVersion.objects.for_account(self.account)
        rows = self.filter_queryset(versions.filter(content=self.get_object()))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(VersionSerializer(page, many=True).data)

    @extend_schema(request=None, responses=VersionSerializer, parameters=[NUMBER])
    @action(
        detail=True,
        methods=["post"],
        url_path=r"versions/(?P<number>[^/.]+)/restore",
        filter_backends=[],
        pagination_class=None,
    )
    def restore_version(self, request: Request, pk: str, number: str) -> Response:
        """Make a past version current again, or accept a proposed one."""
        wanted = as_id(number)
        if wanted is None:
            raise NotInAccount
        version = restore_version(self.get_object(), wanted, user=self.user)
        return Response(VersionSerializer(version).data)

    @runs_function
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def generate_image_prompts(self, request: Request) -> Response:
        """Find what the pictures of articles are to show."""
        return start_run(request, "generate_image_prompts")


class VariantSerializer(serializers.Serializer[Any]):
    """A smaller form of a picture."""

    url = serializers.URLField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class ImageSerializer(SiteObjectSerializer):
    """A picture as callers see and set it; its addresses hold for a day."""

    position = serializers.IntegerField(min_value=0, max_value=MAX_POSITION, required=False)
    prompt = serializers.CharField(max_length=MAX_IMAGE_PROMPT, required=False, allow_blank=True)
    url = serializers.SerializerMethodField()
    variants = serializers.SerializerMethodField()

    class Meta:
        model = Images
        fields = [
            *("id", "site", "content", "placement", "position", "prompt", "alt_text", "url"),
            *("variants", "provider", "model", "width", "height", "format", "status", "error"),
        ]
        read_only_fields = [
            *("provider", "model", "width", "height", "format", "status", "error"),
        ]

    def get_url(self, image: Images) -> str | None:
        """The picture's signed address; null while there is none."""
        return signed_url(self.context["request"], image.path) if image.path else None

    @extend_schema_field(serializers.DictField(child=VariantSerializer()))
    def get_variants(self, image: Images) -> dict[str, dict[str, Any]]:
        """The signed addresses of its smaller forms."""
        request = self.context["request"]
        return {
            name: {
                "url": signed_url(request, variant["path"]),
                "width": variant["width"],
                "height": variant["height"],
            }
            for name, variant in image.variants.items()
        }


class ImageFilters(SiteFilters):
    """By article, place and state."""

    content = IdFilter()

    class Meta:
        model = Images
        fields = ["placement", "status"]


class ImagesViewSet(TrashViewSet):
    """Pictures of the account."""

    model = Images
    serializer_class = ImageSerializer
    filterset_class = ImageFilters
    search_fields = ["prompt", "alt_text"]
    ordering_fields = ["id", "created_at", "content", "placement", "position", "status"]

    def create_object(self, values: Values) -> Images:
        return images.create_image(self.account, **values)

    def change_object(self, instance: Images, values: Values) -> Images:
        return images.change_image(instance, **values)

    def delete_object(self, instance: Images) -> None:
        put_in_trash(instance)

    def restore_object(self, instance: Images) -> Images:
        return images.restore_image(instance)

    @runs_function
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def generate_images(self, request: Request) -> Response:
        """Make pictures from their prompts."""
        return start_run(request, "generate_images")


router = SimpleRouter()
router.register("tasks", TasksViewSet, basename="task")
router.register("content", ContentViewSet, basename="content")
router.register("images", ImagesViewSet, basename="image")
