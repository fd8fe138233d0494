"""Stored API keys were bound to their account; from here on to its integration as well.

A key that no encryption key opens stays as it is: it has to be entered again either way.
"""

from django.db import migrations

from igny8_core.core.crypto import CannotDecrypt, decrypt, encrypt


def of_account(row):
    return f'account:{row.account_id}'


def of_integration(row):
    return f'account:{row.account_id}:integration:{row.integration_type}'


def rebind(apps, before, after):
    rows = apps.get_model('system', 'IntegrationSettings').unscoped
    for row in rows.exclude(sealed_key=None):
        try:
            secret = decrypt(row.sealed_key, place=before(row))
        except CannotDecrypt:
            continue
        rows.filter(pk=row.pk).update(sealed_key=encrypt(secret, place=after(row)))


def forward(apps, schema_editor):
    rebind(apps, of_account, of_integration)


def backward(apps, schema_editor):
    rebind(apps, of_integration, of_account)


class Migration(migrations.Migration):

    dependencies = [
        ('system', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(forward, backward),
    ]
