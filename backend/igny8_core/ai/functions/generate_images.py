"""Make the pictures that an article's image prompts describe."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction

from igny8_core.ai import inbox
from igny8_core.ai.base import BaseAIFunction, Created
from igny8_core.ai.models import ItemState
from igny8_core.ai.phases import Phase
from igny8_core.ai.prompts import PromptRegistry
from igny8_core.ai.requests import PictureOrder, StoredPicture
from igny8_core.core.errors import BadResponse
from igny8_core.core.models import Account
from igny8_core.system.queries import image_config
from igny8_core.writer.images import Picture, images_for, mark_images_failed, save_picture
from igny8_core.writer.models import Images
from igny8_core.writer.pictures import BadPicture, Rendered, render

#: Landscape, 3:2: divisible by 16 and by 64, as OpenAI's and Runware's models want it.
WIDTH, HEIGHT = 1536, 1024


class GenerateImagesFunction(BaseAIFunction):
    """Make the pictures that an article's image prompts describe."""

    prompt_type = "image_prompt_template"
    modality = "image"
    credits = 5
    target = Images

    def get_name(self) -> str:
        """The function's name."""
        return "generate_images"

    def get_metadata(self) -> dict[str, Any]:
        """What users see of it."""
        return {
            "display_name": "Make pictures",
            "description": "Makes the pictures that image prompts describe.",
            "phases": {
                Phase.INIT: "Validating image prompts",
                Phase.PREP: "Preparing image generation",
                Phase.AI_CALL: "Creating image(s) with AI",
                Phase.PARSE: "Processing image response",
                Phase.SAVE: "Saving generated image(s)",
                Phase.DONE: "{count} picture(s) made",
            },
        }

    def impossible(self, objects: Sequence[Any], account: Account) -> dict[int, str]:
        """Places without a prompt."""
        return {one.pk: "has no prompt" for one in objects if not one.prompt}

    def done_already(self, objects: Sequence[Any], account: Account) -> dict[int, str]:
        """Pictures that are there."""
        done = Images.Status.GENERATED
        return {one.pk: "is already generated" for one in objects if one.status == done}

    def prepare(self, payload: dict[str, Any], account: Account) -> list[Images]:
        """The pictures' places with their articles."""
        return images_for(account, payload["ids"])

    def split(self, data: list[Images]) -> list[Images]:
        """One call per picture."""
        return data

    def build_prompt(self, data: Images, account: Account) -> PictureOrder:
        """The picture to ask for: template, size, format, and what it must not show."""
        config = image_config(account)
        prompt = PromptRegistry.image_prompt(
            self,
            account,
            "image_prompt_template",
            image_type=config.image_type,
            post_title=data.content.title,
            image_prompt=data.prompt,
        )
        negative = PromptRegistry.image_prompt(self, account, "negative_prompt")
        return PictureOrder(prompt, WIDTH, HEIGHT, config.image_format, negative, data.prompt)

    def parse_response(self, response: StoredPicture, step_tracker: Any = None) -> Picture:
        """Check the bytes, re-encode them and store every size of the picture."""
        config = image_config(self.account)
        # A disk or a bucket that fails is not the picture's fault: Retry reads it once more.
        try:
            sizes = render(
                inbox.take(response),
                format=config.image_format,
                desktop=config.desktop,
                mobile=config.mobile,
            )
        except (BadPicture, FileNotFoundError, ValueError) as error:
            raise BadResponse(f"The picture cannot be used: {error}", code="bad_picture") from None
        return _stored(sizes, response)

    def save_output(
        self,
        parsed: Picture,
        original_data: Images,
        account: Account,
        progress_tracker: Any = None,
        step_tracker: Any = None,
    ) -> Created:
        """Have the article show the new picture; its predecessor's files go."""
        image = save_picture(original_data, **parsed)
        answer = progress_tracker.answer
        # It is saved: bytes that could not be deleted are a line in the log, no failed item.
        transaction.on_commit(lambda: inbox.discard(answer.picture), robust=True)
        return {"images": [image.pk]}

    def reflect(
        self, target_ids: Sequence[int], state: str, account: Account, error: str = ""
    ) -> None:
        """Show on the pictures that they could not be made."""
        if state == ItemState.FAILURE:
            mark_images_failed(account, target_ids, error=error)


def _stored(sizes: dict[str, Rendered], picture: StoredPicture) -> Picture:
    """Write every size to the storage, beside each other under the picture's own name.

    The names follow from the provider's answer: read once more, it replaces what it left before.
    """
    account, name = PurePosixPath(picture.path).parts[-2:]
    paths = {
        size: inbox.put(f"pictures/{account}/{name}/{size}.{one.format}", one.data)
        for size, one in sizes.items()
    }
    original = sizes["original"]
    variants = {
        size: {"path": paths[size], "width": one.width, "height": one.height}
        for size, one in sizes.items()
        if size != "original"
    }
    return Picture(
        path=paths["original"],
        checksum=picture.checksum,
        variants=variants,  # type: ignore[typeddict-item]
        provider=picture.provider,
        model=picture.model,
        width=original.width,
        height=original.height,
        format=original.format,
    )
