"""The index for lists with keywords without a cluster first, and of the living alone.

So PostgreSQL begins a page in the order of clusters at once, and reads a third less to search or
count. SQLite puts what has no value first by itself, and takes no index of some rows for all.
"""

from typing import Any

from django.db import migrations

_REST = "site_id, volume, folded, intent, difficulty, cpc, language, country, assigned_by, created_at"


def index_the_living(apps: Any, schema_editor: Any) -> None:
    _index(schema_editor, f"account_id, cluster_id NULLS FIRST, id, {_REST}", "deleted_at IS NULL")


def index_all(apps: Any, schema_editor: Any) -> None:
    _index(schema_editor, f"account_id, cluster_id, deleted_at, id, {_REST}", "true")


def _index(schema_editor: Any, columns: str, rows: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX keyword_in_lists")
        schema_editor.execute(
            f"CREATE INDEX keyword_in_lists ON planner_keyword ({columns}) WHERE {rows}"
        )


class Migration(migrations.Migration):
    dependencies = [("planner", "0005_one_row_a_page")]
    operations = [migrations.RunPython(index_the_living, index_all)]
