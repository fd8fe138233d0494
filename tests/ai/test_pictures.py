"""Pictures from the provider to the page: where they are kept, how large, how many, what type."""

from io import BytesIO

import pytest
from PIL import Image

from igny8_core.ai import inbox
from igny8_core.ai.functions import generate_images
from igny8_core.ai.registry import get_function_instance
from igny8_core.ai.tasks import retry
from igny8_core.core.bucket import BucketAway
from igny8_core.system.services import set_image_config
from igny8_core.writer.images import files_of
from igny8_core.writer.models import Images
from tests.ai.runs import a_content, an_image, ended, items_of, states_of, worked


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("provider", ["openai", "runware"])
def test_pictures_go_to_a_bucket_and_come_from_it(provider, account, world, sandbox, bucket):
    set_image_config(account, {"provider": provider, "image_format": "png"})
    image = an_image(account)
    run = ended("generate_images", [image])
    assert run.state == "SUCCESS", items_of(run)[0].error
    image.refresh_from_db()
    assert set(bucket.objects) == set(files_of(image))
    assert set(bucket.types.values()) == {"application/octet-stream", "image/png"}
    body = world.vera.api.get(f"writer/images/{image.pk}/").json()
    for form in (body, *body["variants"].values()):
        made = b"".join(world.charlie.api.client.get(form["url"]).streaming_content)
        with Image.open(BytesIO(made)) as picture:
            assert (picture.size, picture.format) == ((form["width"], form["height"]), "PNG")
    path = body["url"].partition("?")[0]
    assert world.charlie.api.client.get(path).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_bucket_that_fails_while_a_picture_is_read_costs_no_second_one(account, sandbox, bucket):
    image = an_image(account)

    def away(*given):
        bucket.refuse = (503, "SlowDown")
        raise BucketAway("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbox, "take", away)
        run = ended("generate_images", [image])
    assert states_of(run) == ["FAILURE"]
    bucket.refuse = None
    assert states_of(worked(retry(run))) == ["SUCCESS"]
    assert len(sandbox.ledger.entries(billed=True)) == 1


@pytest.mark.django_db(transaction=True)
def test_bytes_that_cannot_be_forgotten_fail_no_saved_picture(account, sandbox, monkeypatch):
    def away(*given):
        raise BucketAway("away")

    monkeypatch.setattr(inbox, "discard", away)
    image = an_image(account)
    assert states_of(ended("generate_images", [image])) == ["SUCCESS"]
    image.refresh_from_db()
    assert image.status == "generated"


@pytest.mark.django_db(transaction=True)
def test_a_picture_smaller_than_asked_for_is_kept_as_it_is(account, sandbox, monkeypatch):
    monkeypatch.setattr(generate_images, "WIDTH", 512)
    monkeypatch.setattr(generate_images, "HEIGHT", 384)
    set_image_config(account, {"provider": "runware"})
    image = an_image(account)
    assert ended("generate_images", [image]).state == "SUCCESS"
    image.refresh_from_db()
    assert (image.width, image.height) == (512, 384)
    widths = {name: variant["width"] for name, variant in image.variants.items()}
    assert widths == {"desktop": 512, "mobile": 512, "preview": 320}
    assert image.variants["desktop"]["path"] != image.path


@pytest.mark.parametrize("image_type", ["realistic", "artistic", "cartoon"])
def test_every_image_type_is_said_in_the_prompt(image_type, account):
    set_image_config(account, {"image_type": image_type})
    image = an_image(account)
    function = get_function_instance("generate_images")
    order = function.build_prompt(function.prepare({"ids": [image.pk]}, account)[0], account)
    assert image_type in order.prompt


@pytest.mark.parametrize("most", [0, 1, 10])
def test_an_article_gets_as_many_pictures_as_its_account_wants(most, account, sandbox):
    set_image_config(account, {"max_in_article_images": most})
    content = a_content(account)
    answer = {"featured_prompt": "A map", "in_article_prompts": [f"{n}" for n in range(12)]}
    sandbox.script.add({"content": answer})
    assert f'"in_article_images": {most}' in str(
        get_function_instance("generate_image_prompts").build_prompt(content, account)
    )
    ended("generate_image_prompts", [content])
    assert Images.objects.for_account(account).filter(placement="in_article").count() == most
