import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("ai", "0004_spent_by_index"),
        ("core", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="providercall",
            name="run",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ai.aitasklog",
            ),
        ),
        migrations.AlterField(
            model_name="providercall",
            name="item",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calls",
                to="ai.aitaskitem",
            ),
        ),
        migrations.AlterField(
            model_name="providercall",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("first", "First"),
                    ("retry", "Retry"),
                    ("longer", "Longer"),
                    ("reask", "Reask"),
                    ("embed", "Embed"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="providercall",
            constraint=models.CheckConstraint(
                condition=Q(item=None, run__isnull=False) | Q(item__isnull=False, run=None),
                name="call_of_item_or_run",
            ),
        ),
    ]
