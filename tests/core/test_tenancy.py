"""Every account-owned model fails closed."""

import pytest
from django.apps import apps

from igny8_core.core.tenancy import AccountModel, UnscopedQuery

MODELS = [model for model in apps.get_models() if issubclass(model, AccountModel)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_query_without_an_account_raises(model):
    for begin in (model.objects.all, model.objects.filter, model.objects.get, model.objects.count):
        with pytest.raises(UnscopedQuery):
            begin()
