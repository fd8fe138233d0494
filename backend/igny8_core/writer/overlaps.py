"""What clusters, ideas and tasks would compete with: all that their site has already."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from igny8_core.core.bulk import pieces
from igny8_core.core.tenancy import AccountRef, SiteModel
from igny8_core.planner.models import Cluster, ContentIdeas, Page
from igny8_core.planner.overlap import Ground, Overlap, Topic, words_of, words_of_address
from igny8_core.writer.models import Content, Tasks

Row: TypeAlias = dict[str, Any]


def overlaps_of(
    account: AccountRef, model: type[SiteModel], ids: Sequence[int]
) -> dict[int, Overlap]:
    """The verdict on each cluster, idea or task, in a handful of queries however many there are.

    A site's clusters, tasks, articles and pages are compared, but for what the thing itself comes
    from or has become.
    """
    fields, topic_of = _KINDS[model]
    subjects: dict[int, list[Topic]] = defaultdict(list)
    for piece in pieces(ids):
        rows = model.objects.for_account(account).filter(pk__in=piece)
        for row in rows.values("pk", "site", *fields):
            subjects[row["site"]].append(topic_of(row))
    grounds = {site: Ground(topics) for site, topics in _there(account, list(subjects)).items()}
    return {
        topic.id: grounds[site].under(topic)
        for site, topics in subjects.items()
        for topic in topics
    }


class _Shelf:
    """What a site has; a row becomes a topic each time it is looked at.

    A hundred thousand topics at once keep the garbage collector at work for a third of the time.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._readings: list[Callable[[Row], Topic]] = []

    def put(self, row: Row, topic_of: Callable[[Row], Topic]) -> None:
        """One thing more, with how it is read."""
        self._rows.append(row)
        self._readings.append(topic_of)

    def __iter__(self) -> Iterator[Topic]:
        return map(self.__getitem__, range(len(self._rows)))

    def __getitem__(self, place: int) -> Topic:
        return self._readings[place](self._rows[place])


def _there(account: AccountRef, sites: Sequence[int]) -> dict[int, _Shelf]:
    """What each of the sites has, the oldest first."""
    there = {site: _Shelf() for site in sites}
    for model in (Page, Content, Tasks, Cluster):
        fields, topic_of = _KINDS[model]
        rows = model.objects.for_account(account).filter(site__in=sites).order_by("pk")
        for row in rows.values("pk", "site", *fields):
            there[row["site"]].put(row, topic_of)
    return there


def _cluster(row: Row) -> Topic:
    return Topic(("cluster", row["pk"]), row["name"], _phrases(row["head_keyword"], row["name"]))


def _idea(row: Row) -> Topic:
    keyword = next(iter(row["target_keywords"]), "")
    return Topic(
        ("idea", row["pk"]),
        row["title"],
        _phrases(keyword, row["title"]),
        _family(cluster=row["cluster"]),
    )


def _task(row: Row) -> Topic:
    keyword = row["keywords"].partition(",")[0]
    return Topic(
        ("task", row["pk"]),
        row["title"],
        _phrases(keyword, row["title"]),
        _family(cluster=row["cluster"], idea=row["idea"]),
    )


def _content(row: Row) -> Topic:
    return Topic(
        ("content", row["pk"]),
        row["title"],
        _phrases(row["primary_keyword"], row["title"]),
        _family(task=row["task"], cluster=row["task__cluster"], idea=row["task__idea"]),
    )


def _page(row: Row) -> Topic:
    phrases = _phrases(row["keyword"], row["title"])
    return Topic(("page", row["pk"]), row["url"], _said([*phrases, words_of_address(row["url"])]))


_Reading: TypeAlias = tuple[tuple[str, ...], Callable[[Row], Topic]]
_KINDS: dict[type[SiteModel], _Reading] = {
    Cluster: (("name", "head_keyword"), _cluster),
    ContentIdeas: (("title", "target_keywords", "cluster"), _idea),
    Tasks: (("title", "keywords", "cluster", "idea"), _task),
    Content: (("title", "primary_keyword", "task", "task__cluster", "task__idea"), _content),
    Page: (("url", "title", "keyword"), _page),
}


def _phrases(*texts: str) -> tuple[frozenset[str], ...]:
    return _said(map(words_of, filter(None, texts)))


def _said(phrases: Iterable[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """Those that say something, each once."""
    return tuple(dict.fromkeys(filter(None, phrases)))


def _family(**ids: int | None) -> frozenset[tuple[str, int]]:
    return frozenset((kind, pk) for kind, pk in ids.items() if pk is not None)
