"""Pages stored with what Google's shop results and others hang on an address: one row a page."""

from importlib import import_module

from django.db import migrations

one_row_a_page = import_module("igny8_core.planner.migrations.0005_one_row_a_page")


class Migration(migrations.Migration):

    dependencies = [
        ("planner", "0006_the_index_as_postgresql_orders"),
    ]

    operations = [
        migrations.RunPython(one_row_a_page.bring_into_one_form, migrations.RunPython.noop),
    ]
