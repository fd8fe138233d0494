"""writer."""

from igny8_core.core.models import Role
from igny8_core.core.trash import put_in_trash
from igny8_core.planner.ideas import create_idea
from igny8_core.writer.content import create_content
from igny8_core.writer.images import create_image
from igny8_core.writer.tasks import create_task
from tests.api.cases import Case
from tests.api.cases.planning import NOBODY_KNOWS, PLACE, SITE

VIEWER, EDITOR = Role.VIEWER, Role.EDITOR


def task_of(person):
    return create_task(person.account, title="Shoes")


def content_of(person):
    return create_content(person.account, user=person.user, title="Shoes")


def image_of(person):
    return create_image(person.account, content=content_of(person), placement="featured")


def alices(create):
    return lambda world: {"pk": create(world.alice).pk}


def charlies(create):
    return lambda world: create(world.charlie).pk


def charlies_ids(create):
    return {"ids": lambda world: [create(world.charlie).pk]}


def trashed(create):
    def ids(world):
        row = create(world.alice)
        put_in_trash(row)
        return {"pk": row.pk}

    return ids


def a_version(world):
    return {"pk": content_of(world.alice).pk, "number": 1}


def an_image(world):
    return {"content": content_of(world.alice).pk, "placement": "featured"}


def charlies_idea(world):
    return create_idea(world.charlie.account, title="Charlie's").pk


def charlie(world):
    return world.charlie.user.pk


OF_TASK = {**PLACE, "idea": charlies_idea, "assignee": charlie}
OF_CONTENT = {**SITE, "task": charlies(task_of)}
OF_IMAGE = {**SITE, "content": charlies(content_of)}

CASES = {
    ("GET", "writer/tasks/"): Case(VIEWER),
    ("POST", "writer/tasks/"): Case(
        EDITOR, 201, body=lambda world: {"title": "Hats"}, foreign=OF_TASK
    ),
    ("GET", "writer/tasks/{pk}/"): Case(VIEWER, ids=alices(task_of)),
    ("PATCH", "writer/tasks/{pk}/"): Case(
        EDITOR, ids=alices(task_of), body=lambda world: {"title": "Hats"}, foreign=OF_TASK
    ),
    ("DELETE", "writer/tasks/{pk}/"): Case(EDITOR, 204, ids=alices(task_of)),
    ("POST", "writer/tasks/{pk}/restore/"): Case(EDITOR, ids=trashed(task_of)),
    ("GET", "writer/tasks/export/"): Case(VIEWER),
    ("POST", "writer/tasks/auto_generate_content/"): Case(
        EDITOR, 400, body=lambda world: NOBODY_KNOWS, foreign=charlies_ids(task_of)
    ),
    ("GET", "writer/content/"): Case(VIEWER),
    ("POST", "writer/content/"): Case(
        EDITOR, 201, body=lambda world: {"title": "Hats"}, foreign=OF_CONTENT
    ),
    ("GET", "writer/content/{pk}/"): Case(VIEWER, ids=alices(content_of)),
    ("PATCH", "writer/content/{pk}/"): Case(
        EDITOR, ids=alices(content_of), body=lambda world: {"title": "Hats"}, foreign=OF_CONTENT
    ),
    ("DELETE", "writer/content/{pk}/"): Case(EDITOR, 204, ids=alices(content_of)),
    ("POST", "writer/content/{pk}/restore/"): Case(EDITOR, ids=trashed(content_of)),
    ("GET", "writer/content/{pk}/versions/"): Case(VIEWER, ids=alices(content_of)),
    ("POST", "writer/content/{pk}/versions/{number}/restore/"): Case(EDITOR, ids=a_version),
    ("POST", "writer/content/generate_image_prompts/"): Case(
        EDITOR, 400, body=lambda world: NOBODY_KNOWS, foreign=charlies_ids(content_of)
    ),
    ("GET", "writer/images/"): Case(VIEWER),
    ("POST", "writer/images/"): Case(EDITOR, 201, body=an_image, foreign=OF_IMAGE),
    ("GET", "writer/images/{pk}/"): Case(VIEWER, ids=alices(image_of)),
    ("PATCH", "writer/images/{pk}/"): Case(
        EDITOR, ids=alices(image_of), body=lambda world: {"prompt": "A cat"}, foreign=OF_IMAGE
    ),
    ("DELETE", "writer/images/{pk}/"): Case(EDITOR, 204, ids=alices(image_of)),
    ("POST", "writer/images/{pk}/restore/"): Case(EDITOR, ids=trashed(image_of)),
    ("POST", "writer/images/generate_images/"): Case(
        EDITOR, 400, body=lambda world: NOBODY_KNOWS, foreign=charlies_ids(image_of)
    ),
}
