"""How many of an item's calls are of unknown cost; for rows that exist, as their items say."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def take_from_items(apps, schema_editor):
    """A row without an item stands for a run that asked nothing."""
    item = apps.get_model("ai", "AITaskItem")._base_manager.filter(pk=OuterRef("item"))
    rows = apps.get_model("billing", "CreditUsageLog")._base_manager.exclude(item=None)
    rows.update(unpriced_calls=Coalesce(Subquery(item.values("unpriced_calls")), 0))


class Migration(migrations.Migration):

    dependencies = [
        ("ai", "0001_initial"),
        ("billing", "0003_ceilings"),
    ]

    operations = [
        migrations.AddField(
            model_name="creditusagelog",
            name="unpriced_calls",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(take_from_items, migrations.RunPython.noop),
    ]
