"""`igny8 models refresh`: ask the providers how long their models live, and keep the answer."""

import argparse
from typing import Any
from urllib.parse import urlsplit

import django

#: Names of models that are printed of those the catalogue does not know.
_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`refresh`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser(
        "refresh", help="read each configured provider's list of models for shutdown dates"
    )


def run(options: argparse.Namespace) -> int:
    """Print what every provider says, keep what is new; 1 where one could not be asked."""
    django.setup()
    from igny8_core.ai.catalogue.learning import learn
    from igny8_core.ai.failures import CallFailed
    from igny8_core.cli.standin import PROVIDERS

    rows: list[dict[str, Any]] = []
    failed = False
    for name in PROVIDERS:
        try:
            rows += _refresh(name)
        except CallFailed as error:
            failed = True
            print(f"{name}: {error.told_of(name).detail}")
    if rows:
        path = learn(rows)
        print(f"\nKept in {path}. What runs already reads it when it is started again.")
    else:
        print("\nNothing new.")
    return int(failed)


def _refresh(name: str) -> list[dict[str, Any]]:
    """Ask one provider and print what it says; the rows that are new."""
    from igny8_core.ai.catalogue import today
    from igny8_core.ai.catalogue.learning import lessons_in
    from igny8_core.ai.providers import get_provider
    from igny8_core.cli.configured import endpoint_of
    from igny8_core.cli.standin import PROVIDERS

    endpoint = endpoint_of(name)
    if endpoint is None:
        print(f"{name}: played by the sandbox; set {PROVIDERS[name]}_API_KEY to ask the real one.")
        return []
    listed = get_provider(endpoint.provider).models(endpoint)
    host = urlsplit(endpoint.base_url).hostname
    if not listed.dates:
        print(f"{name} ({host}): tells no shutdown dates.")
        return []
    ending = [one for one, date in listed.dates.items() if date]
    print(f"{name} ({host}): {len(listed.ids)} models, {len(ending)} with a shutdown date.")
    source = f"GET /models of {host} on {today()}"
    lessons = list(lessons_in(endpoint.provider, listed.dates, source=source))
    for lesson in lessons:
        print(f"  {lesson.said}")
    _name_strangers(ending)
    return [lesson.row for lesson in lessons if lesson.row]


def _name_strangers(ending: list[str]) -> None:
    """Models with an end that the catalogue does not know: nobody can tell what they make."""
    from igny8_core.ai.catalogue import find

    unknown = sorted(one for one in ending if find(one) is None)
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        print(f"  not in the catalogue: {', '.join(unknown[:_SHOWN])}{more}")
