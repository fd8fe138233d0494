"""Pictures: their place in an article, the prompt they are made from, the files kept of them."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypedDict, Unpack

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When

from igny8_core.core.belonging import check_site, site_for
from igny8_core.core.bulk import in_order
from igny8_core.core.errors import Conflict, InvalidPayload, TargetGone
from igny8_core.core.models import Account, Site
from igny8_core.core.tenancy import AccountRef
from igny8_core.core.texts import clip
from igny8_core.core.trash import hold, take_from_trash
from igny8_core.writer.models import Content, Images

Placement, Status = Images.Placement, Images.Status


class ImageValues(TypedDict, total=False):
    """What a person may say of a picture."""

    site: Site
    content: Content
    placement: str
    position: int
    prompt: str
    alt_text: str


class PromptToSave(NamedTuple):
    """What a picture is to show, in words for the model and in words for a reader."""

    prompt: str
    alt_text: str = ""


class Variant(TypedDict):
    """A stored smaller form of a picture."""

    path: str
    width: int
    height: int


class Picture(TypedDict):
    """A picture as it was made and stored."""

    path: str
    checksum: str
    variants: dict[str, Variant]
    provider: str
    model: str
    width: int
    height: int
    format: str


def images_for(account: AccountRef, image_ids: Sequence[int]) -> list[Images]:
    """The account's living pictures of these ids, in their order, with their article and site."""
    images = Images.objects.for_account(account).select_related("content", "site")
    return in_order(images, image_ids)


@transaction.atomic
def create_image(account: Account, **values: Unpack[ImageValues]) -> Images:
    """Add a place for a picture to an article."""
    content = values["content"]
    site = site_for(account, values.get("site"), content=content)
    image = Images(account=account, site=site)
    _take(image, values)
    _save(image)
    return image


@transaction.atomic
def change_image(image: Images, **values: Unpack[ImageValues]) -> Images:
    """Change what a person names and nothing else."""
    check_site(image, values.get("site"), content=values.get("content"))
    _save(image, fields=_take(image, values))
    return image


@transaction.atomic
def restore_image(image: Images) -> Images:
    """Bring a picture back; raises Conflict while its article lies in the trash."""
    if not hold(image.content):
        raise Conflict("Its article lies in the trash; restore the article first.")
    return take_from_trash(image)


@transaction.atomic(savepoint=False)
def save_image_prompts(
    content: Content,
    featured: PromptToSave,
    in_article: Sequence[PromptToSave],
    *,
    again: bool = False,
) -> list[int]:
    """Fill the places featured/0 and in_article/1.. with prompts; raises TargetGone.

    A place that has a prompt keeps it, but for `again`; a picture that is there stays until its
    successor is stored. Answers the pictures whose prompts were written.
    """
    if not hold(content):
        raise TargetGone("The article was deleted while prompts for it were written.")
    living = Images.objects.for_account(content.account_id).filter(content=content)
    places = {(image.placement, image.position): image for image in living}
    written = []
    for place, found in _places(featured, in_article):
        image = places.get(place) or Images(
            account_id=content.account_id,
            site_id=content.site_id,
            content=content,
            placement=place[0],
            position=place[1],
        )
        if again or not image.prompt:
            image.prompt, image.alt_text = clip(found.prompt), clip(found.alt_text, 500)
            image.status, image.error = Status.PROMPTED, ""
            written.append(image)
    Images.unscoped.bulk_create([image for image in written if image.pk is None])
    Images.unscoped.bulk_update(
        [image for image in written if image in places.values()],
        ["prompt", "alt_text", "status", "error"],
    )
    return [image.pk for image in written]


@transaction.atomic(savepoint=False)
def save_picture(image: Images, **picture: Unpack[Picture]) -> Images:
    """Point to the new picture's files; the old ones go when this is committed."""
    living = Images.objects.for_account(image.account_id).filter(pk=image.pk)
    before = living.select_for_update(no_key=True).first()
    if before is None:
        raise TargetGone("The picture was deleted while it was made.")
    old = set(files_of(before))
    for name, value in picture.items():
        setattr(before, name, value)
    before.generation += 1
    before.status, before.error = Status.GENERATED, ""
    before.save(update_fields=[*picture, "generation", "status", "error"])
    delete_files_on_commit(old - set(files_of(before)))
    return before


@transaction.atomic(savepoint=False)
def mark_images_failed(account: AccountRef, image_ids: Sequence[int], *, error: str) -> None:
    """Say why no picture came of them; one that is there already stays, and stays `generated`."""
    living = Images.objects.for_account(account).filter(pk__in=image_ids)
    living.update(
        error=clip(error, 2000),
        status=Case(When(path="", then=Value(Status.FAILED)), default=F("status")),
    )


def files_of(image: Images) -> Iterator[str]:
    """The names of a picture's files in storage."""
    if image.path:
        yield image.path
    yield from (variant["path"] for variant in image.variants.values())


def delete_files_on_commit(names: set[str]) -> None:
    """Delete files when, and only if, what no longer names them is committed."""
    for name in names:
        # A file that cannot be deleted is a line in the log, never a failed request.
        transaction.on_commit(partial(default_storage.delete, name), robust=True)


def _places(
    featured: PromptToSave, in_article: Sequence[PromptToSave]
) -> Iterator[tuple[tuple[str, int], PromptToSave]]:
    yield (Placement.FEATURED, 0), featured
    for position, prompt in enumerate(in_article, start=1):
        yield (Placement.IN_ARTICLE, position), prompt


def _take(image: Images, values: ImageValues) -> list[str]:
    """Set the values; answers the names of the fields to save."""
    given: dict[str, Any] = {name: value for name, value in values.items() if name != "site"}
    if "content" in given and not hold(given["content"]):
        raise InvalidPayload("There is no such content.", code="does_not_exist", attr="content")
    for name, value in given.items():
        setattr(image, name, value)
    if "prompt" in given and not image.path:
        image.status = Status.PROMPTED if image.prompt else Status.PENDING
        return [*given, "status"]
    return list(given)


def _save(image: Images, *, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            image.save(update_fields=fields)
    except IntegrityError as e:
        raise InvalidPayload(
            "The article has a picture in this place already.", code="unique", attr="position"
        ) from e
