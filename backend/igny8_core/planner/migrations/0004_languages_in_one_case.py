from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef
from django.utils import timezone

from igny8_core.core.languages import tag_of


def in_one_case(apps: Any, schema_editor: Any) -> None:
    """Where a site has a keyword in both cases, the one in the usual case stays, and the other lies
    in the trash, from which it does not come back beside it.
    """
    rows = apps.get_model("planner", "Keyword").unscoped
    for language in sorted(rows.order_by().values_list("language", flat=True).distinct()):
        if (tag := tag_of(language)) in ("", language):
            continue
        same = {name: OuterRef(name) for name in ("site", "country", "folded")}
        twins = rows.filter(**same, language=tag, deleted_at=None)
        written_so = rows.filter(language=language)
        written_so.filter(Exists(twins), deleted_at=None).update(deleted_at=timezone.now())
        written_so.update(language=tag)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_languages_in_one_case"),
        ("planner", "0003_pages"),
    ]
    operations = [migrations.RunPython(in_one_case, migrations.RunPython.noop)]
