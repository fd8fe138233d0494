"""An account with as many keywords as asked for, and a neighbour in the same tables."""

import random
from collections.abc import Iterator
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.children.orders import serve  # noqa: E402
from igny8_core.billing.signup import open_account  # noqa: E402
from igny8_core.core.bulk import pieces  # noqa: E402
from igny8_core.core.models import Account, Site  # noqa: E402
from igny8_core.core.passwords import new_user  # noqa: E402
from igny8_core.core.tokens import issue_token  # noqa: E402
from igny8_core.planner.models import Cluster, Keyword  # noqa: E402

PER_CLUSTER = 12
INTENTS = ["informational"] * 60 + ["commercial"] * 20 + ["transactional"] * 15 + [None] * 5
#: What half of all keywords begin with, and what one in a thousand ends in.
COMMON, RARE = "garden", "xylophone"
_LETTERS = "aeioubcdfghlmnprst"


def prepare(keywords: int) -> dict[str, Any]:
    """An account with a token; one in ten keywords has no volume, one in seven no cluster."""
    call_command("migrate", verbosity=0)
    dice = random.Random(1)
    membership = open_account(new_user("bench@example.com", "horse-staple-42"), "Bench")
    other = open_account(new_user("other@example.com", "horse-staple-42"), "Other").account
    clusters = _fill(other, keywords // 5, dice), _fill(membership.account, keywords, dice)
    _settle()
    site = Site.objects.for_account(membership.account).get()
    token = issue_token(membership, name="bench").secret
    return {"token": token, "site": site.pk, "cluster": clusters[1][5]}


def _fill(account: Account, number: int, dice: random.Random) -> list[int]:
    """The account's keywords and clusters; answers the clusters' ids."""
    site = Site.objects.for_account(account).get()
    made = [Cluster(account=account, site=site) for _ in range(number // PER_CLUSTER)]
    for place, cluster in enumerate(made):
        cluster.set_name(f"cluster {place}")
    ids = [cluster.pk for cluster in Cluster.unscoped.bulk_create(made, batch_size=2_000)]
    keywords = (_keyword(site, text, ids, dice) for text in _texts(number, dice))
    for piece in pieces(keywords, 2_000):
        Keyword.unscoped.bulk_create(piece)
    return ids


def _texts(number: int, dice: random.Random) -> Iterator[str]:
    words = ["".join(dice.choices(_LETTERS, k=dice.randint(3, 9))) for _ in range(2_000)]
    for place in range(number):
        first = COMMON if dice.random() < 0.5 else dice.choice(words)
        last = RARE if dice.random() < 0.001 else str(place)
        yield " ".join([first, *dice.sample(words, 3), last])


def _keyword(site: Site, text: str, clusters: list[int], dice: random.Random) -> Keyword:
    keyword = Keyword(account_id=site.account_id, site=site, language="en", country="US")
    keyword.set_text(text)
    if dice.random() < 0.9:
        keyword.volume = int(10 ** dice.uniform(1, 6))
        keyword.difficulty = dice.randint(0, 100)
        keyword.cpc = round(dice.uniform(0, 9), 2)
    if dice.random() < 0.85:
        keyword.cluster_id = dice.choice(clusters)
        keyword.assigned_by, keyword.similarity = "offline", dice.random()
    keyword.intent = dice.choice(INTENTS)
    return keyword


def _settle() -> None:
    """What PostgreSQL does by itself within a minute."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    serve(prepare=prepare)
