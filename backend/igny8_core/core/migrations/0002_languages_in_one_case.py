from typing import Any

from django.db import migrations

from igny8_core.core.languages import tag_of


def in_one_case(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("core", "Site").unscoped
    for language in sorted(rows.order_by().values_list("language", flat=True).distinct()):
        if (tag := tag_of(language)) not in ("", language):
            rows.filter(language=language).update(language=tag)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(in_one_case, migrations.RunPython.noop)]
