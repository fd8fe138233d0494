"""The pipeline's job: a keyword file through every stage, for one client, into a folder."""

import secrets
import time
from dataclasses import asdict, dataclass
from functools import partial

from django.utils import timezone
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from igny8_core.ai.ai_core import endpoint_for
from igny8_core.billing import ledger
from igny8_core.cli.accounts import find_account
from igny8_core.cli.demo import EMAIL, demo
from igny8_core.cli.made import Made
from igny8_core.cli.output import OutputFolder
from igny8_core.cli.report import Report
from igny8_core.cli.stages import Stages
from igny8_core.cli.standin import PROVIDERS
from igny8_core.core.errors import InsufficientCredits, NotConfigured
from igny8_core.core.models import Account, Membership, Role, Site, User
from igny8_core.core.sites import create_site, default_site
from igny8_core.planner.imports import import_keywords, read_file
from igny8_core.planner.learning import keyword_ids
from igny8_core.writer.queueing import queue_ideas

#: The AI functions in their order, each with the name of its bar.
STAGES = (
    ("auto_cluster", "Clusters"),
    ("generate_ideas", "Ideas"),
    ("generate_content", "Articles"),
    ("generate_image_prompts", "Image prompts"),
    ("generate_images", "Pictures"),
)
#: What each of them works on.
WORKS_ON = {
    "auto_cluster": "keywords",
    "generate_ideas": "clusters",
    "generate_content": "tasks",
    "generate_image_prompts": "articles",
    "generate_images": "pictures",
}
_COLUMNS = (
    TextColumn("{task.description:<14}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
)


@dataclass(frozen=True)
class Order:
    """What the command line asks for."""

    data: bytes
    filename: str
    limit: int | None
    site: str | None


@dataclass(frozen=True)
class Client:
    """For whom the job is done, and in whose name."""

    account: Account
    user: User

    @property
    def is_demo(self) -> bool:
        """Whether this is the account that comes with the installation."""
        return self.user.email == EMAIL

    @property
    def pays_nobody(self) -> bool:
        """Whether the stand-in plays every provider for it."""
        try:
            return all(
                endpoint_for(self.account, prefix.lower()).sandbox for prefix in PROVIDERS.values()
            )
        except NotConfigured:
            return False


def client_named(name: str | None) -> Client:
    """The account of this name, in its first owner's; the demo account where none is named."""
    if name is None:
        membership = demo().membership
    else:
        owners = Membership.objects.for_account(find_account(name)).filter(role=Role.OWNER)
        membership = owners.select_related("account", "user").earliest("pk")
    return Client(membership.account, membership.user)


def carry_out(order: Order, client: Client, folder: OutputFolder) -> Report:
    """Import the file and lead its keywords through every stage; what was made is in the folder.

    Credits that run out end the job after what was paid for; the report says so.
    """
    started = time.monotonic()
    intake = read_file(order.data, filename=order.filename)
    site = site_named(client.account, order.site)
    result = import_keywords(
        site, order.data, filename=order.filename, user=client.user, limit=order.limit
    )
    report = Report(order.filename, result.format, site.name, timezone.now(), client.pays_nobody)
    report.imported = {name: getattr(result, name) for name in ("imported", "updated", "skipped")}
    report.bad_rows = [asdict(error) for error in result.errors]
    made = Made(client.account, keyword_ids(site, intake.rows, order.limit))
    with Progress(*_COLUMNS) as progress:
        stages = Stages(client.account, client.user, progress, partial(_afford, client, report))
        try:
            _lead_through(stages, made)
        except InsufficientCredits as error:
            report.stopped = error.detail
        finally:
            report.stages, report.failures = stages.done, stages.failures
    for article in made.articles():
        folder.add(article)
    report.counts = made.counts()
    report.keywords_without_cluster = made.keywords_without_cluster()
    report.seconds = round(time.monotonic() - started, 2)
    folder.finish(report.as_dict())
    return report


def _lead_through(stages: Stages, made: Made) -> None:
    for name, title in STAGES:
        if name == "generate_content":
            queue_ideas(made.account, made.ids("ideas"))
        stages.run(name, title, made.ids(WORKS_ON[name]))


def _afford(client: Client, report: Report, lack: InsufficientCredits) -> None:
    """The demo account gets what it lacks where nobody is paid for it; others are told."""
    missing = int(lack.extra["needed"]) - int(lack.extra["available"])
    if client.is_demo and client.pays_nobody:
        ledger.grant(client.account, missing, key=f"pipeline:{secrets.token_hex(8)}")
        report.granted += missing
        return
    raise InsufficientCredits(
        f"{lack.detail} Give it more: igny8 credits grant {client.account.pk} {missing}",
        **lack.extra,
    )


def site_named(account: Account, name: str | None) -> Site:
    """The site of this name, made where there is none; the default one where none is named."""
    if name is None:
        return default_site(account)
    found = Site.objects.for_account(account).filter(name=name).order_by("pk").first()
    return found or create_site(account, name=name)
