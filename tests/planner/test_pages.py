"""Pages that were stored before an address had one form."""

from importlib import import_module

from django.apps import apps

from igny8_core.planner.models import Page
from tests.world import a_site


def stored(site, *urls, **fields):
    return [
        Page.unscoped.create(account_id=site.account_id, site=site, url=url, **fields)
        for url in urls
    ]


def migrate(name="0005_one_row_a_page"):
    migration = import_module(f"igny8_core.planner.migrations.{name}").Migration
    migration.operations[0].code(apps, None)


def test_pages_of_one_address_become_the_first_of_them_with_all_that_is_known(world):
    site, other = world.site, a_site(world.account)
    kept, *_ = stored(site, "http://X.com/A", "https://x.com/A?utm_source=y")
    stored(site, "https://x.com/A", title="Shoes", keyword="shoes")
    stored(site, "https://x.com/a", "https://m%C3%BCnchen.de/")
    stored(other, "http://x.com/A")
    migrate()
    living = Page.unscoped.filter(deleted_at=None).order_by("pk")
    assert list(living.values_list("site", "url", "title")) == [
        (site.pk, "https://x.com/A", "Shoes"),
        (site.pk, "https://x.com/a", ""),
        (site.pk, "https://xn--mnchen-3ya.de/", ""),
        (other.pk, "https://x.com/A", ""),
    ]
    assert living[0].pk == kept.pk
    assert living[0].keyword == "shoes"
    assert Page.unscoped.exclude(deleted_at=None).count() == 2
    before = list(Page.unscoped.order_by("pk").values())
    migrate()
    assert list(Page.unscoped.order_by("pk").values()) == before


def test_a_stored_password_is_gone_from_the_trash_as_well(world):
    (page,) = stored(world.site, "https://me:secret@x.com/a")
    Page.unscoped.update(deleted_at=page.created_at)
    migrate()
    assert Page.unscoped.get().url == "https://x.com/a"


def test_what_is_no_address_stays_as_it_is(world):
    stored(world.site, "https://x..com:port/")
    migrate()
    assert Page.unscoped.get().url == "https://x..com:port/"


def test_pages_from_shop_results_become_one_too(world):
    kept, _ = stored(world.site, "https://x.com/a", "https://x.com/a?srsltid=AfmBOoq1")
    migrate("0007_pages_from_shop_results")
    assert Page.unscoped.get(deleted_at=None).pk == kept.pk
