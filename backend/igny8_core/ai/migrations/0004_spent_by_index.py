from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ai", "0003_spending"),
        ("core", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="providercall",
            name="fence",
            field=models.BigIntegerField(default=0),
        ),
        migrations.RemoveIndex(model_name="providercall", name="call_of_day"),
        migrations.AddIndex(
            model_name="providercall",
            index=models.Index(
                fields=["account", "created_at", "state", "cost", "max_cost"], name="call_spent"
            ),
        ),
    ]
