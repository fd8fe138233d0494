"""Rows from before addresses had one form: brought into it, and of equal ones the first stays."""

from django.db import migrations
from django.utils import timezone

from igny8_core.planner.pagefiles.address import page_address

AT_ONCE = 500


def bring_into_one_form(apps, schema_editor):
    pages = apps.get_model("planner", "Page").unscoped
    for site in list(pages.order_by().values_list("site", flat=True).distinct()):
        first, again = {}, []
        for page in pages.filter(site=site, deleted_at=None).order_by("pk").iterator():
            kept = first.setdefault(_formed(page.url), page)
            if kept is not page:
                again.append(page.pk)
                _learn(pages, kept, page)
        # Out of the way first: there is one row of an address among the living.
        for start in range(0, len(again), AT_ONCE):
            piece = again[start : start + AT_ONCE]
            pages.filter(pk__in=piece).update(deleted_at=timezone.now())
        _rename(pages, ((page.pk, page.url, url) for url, page in first.items()))
    trashed = pages.exclude(deleted_at=None).values_list("pk", "url")
    _rename(pages, ((pk, url, _formed(url)) for pk, url in list(trashed)))


def _formed(url):
    try:
        return page_address(url)
    except ValueError:
        return url


def _learn(pages, kept, page):
    news = {
        name: getattr(page, name)
        for name in ("title", "keyword")
        if getattr(page, name) and not getattr(kept, name)
    }
    if news:
        pages.filter(pk=kept.pk).update(**news)
    for name, text in news.items():
        setattr(kept, name, text)


def _rename(pages, rows):
    for pk, url, formed in rows:
        if url != formed:
            pages.filter(pk=pk).update(url=formed)


class Migration(migrations.Migration):

    dependencies = [
        ("planner", "0004_languages_in_one_case"),
    ]

    operations = [
        migrations.RunPython(bring_into_one_form, migrations.RunPython.noop),
    ]
