from collections.abc import Callable
from typing import Any

from django.db import migrations, models


def on_postgresql(sql: str) -> Callable[..., None]:
    """A step for PostgreSQL alone.

    It knows how rows lie and how many a filter leaves, so that these only help: one counts an
    account's keywords from 700 KB, the others begin a page of each order at once. SQLite would
    take them for any filter, and fetch rows in their order.
    """

    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


def index(name: str, columns: str) -> migrations.RunPython:
    """An index over the living."""
    return migrations.RunPython(
        on_postgresql(
            f"CREATE INDEX {name} ON planner_keyword ({columns}) WHERE deleted_at IS NULL"
        ),
        on_postgresql(f"DROP INDEX {name}"),
    )


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_initial'),
        ('planner', '0001_initial'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='keyword',
            name='keyword_of_cluster',
        ),
        migrations.AddIndex(
            model_name='keyword',
            index=models.Index(fields=['account', 'cluster', 'deleted_at', 'id', 'site', 'volume', 'folded', 'intent', 'difficulty', 'cpc', 'language', 'country', 'assigned_by', 'created_at'], name='keyword_in_lists'),
        ),
        index('keyword_count', 'account_id, site_id'),
        index('keyword_by_volume', 'account_id, volume NULLS FIRST, id'),
        index('keyword_by_difficulty', 'account_id, difficulty NULLS FIRST, id'),
        index('keyword_by_cpc', 'account_id, cpc NULLS FIRST, id'),
        index('keyword_by_text', 'account_id, folded, id'),
        index('keyword_by_age', 'account_id, created_at, id'),
    ]
