"""Pictures from Runware, paid once under whatever fault: its calls can be told apart (R6)."""

from collections import Counter
from typing import Any

from igny8_core.ai.faults import POINTS
from igny8_core.writer.models import Images
from tests.chaos.customers import Customer
from tests.chaos.plant import Trial
from tests.chaos.scenarios import kills_at, kills_at_random


class PictureCustomer(Customer):
    """Orders pictures, one item each."""

    price = 5
    action = "writer/images/generate_images/"

    def __init__(self) -> None:
        super().__init__()
        # One small size: what is measured is not how fast we encode.
        config = {"provider": "runware", "desktop": False, "mobile": False, "image_format": "jpg"}
        answer = self.api.put("system/settings/images/", config)
        assert answer.status_code == 200, answer.content

    def tasks(self, number: int, title: str = "Picture") -> list[int]:
        """New pictures of one article; no two of them make the same prompt."""
        account = self.person.account
        body = {"title": self.new_title("Illustrated"), "html": "<p>Words.</p>"}
        article = self.api.post("writer/content/", body).json()
        made = Images.unscoped.bulk_create(
            Images(
                account=account,
                site_id=article["site"],
                content_id=article["id"],
                placement=Images.Placement.IN_ARTICLE,
                position=position,
                prompt=self.new_title(title),
                status=Images.Status.PROMPTED,
            )
            for position in range(number)
        )
        return [image.pk for image in made]

    def saved(self) -> Counter[int]:
        """How often each picture was saved; the API shows that it was, the ledger how often."""
        rows = self.everything("writer/images/")
        return Counter(row["id"] for row in rows if row["status"] == "generated")


def without_faults(trial: Trial) -> None:
    """Each picture is paid once."""
    _order(trial)
    trial.plant.worker(slots=4)
    trial.finish()


def lost_answers(trial: Trial) -> None:
    """One answer of ten is lost after it was billed."""
    trial.plant.sandbox.behave("kind=runware reset_after probability=0.1 seed=1")
    _order(trial)
    trial.plant.worker(slots=4)
    trial.finish()
    # What was lost on every attempt is there all the same: then press Retry.
    trial.figures.notes["retried"] = sum(one.retry_failed() for one in trial.customers)
    trial.finish()


def kills_everywhere(trial: Trial) -> None:
    """SIGKILL at each fault point in turn."""
    _pay_once(trial)
    kills = trial.kills
    for number, point in enumerate(POINTS, start=1):
        trial.kills = round(kills * number / len(POINTS))
        kills_at(point)(trial)
    _pay_once(trial)


def random_kills(trial: Trial) -> None:
    """SIGKILL at any moment."""
    _pay_once(trial)
    kills_at_random(trial)
    _pay_once(trial)


def _order(trial: Trial) -> None:
    _pay_once(trial)
    trial.order(accounts=2, batch=50)


def _pay_once(trial: Trial) -> None:
    trial.kind = PictureCustomer
    trial.expect_of = lambda books: _not_once(trial, books)


def _not_once(trial: Trial, books: Any) -> list[str]:
    share = books.billed / max(1, books.saved)
    trial.figures.notes["billed_per_saved"] = round(share, 4)
    failed = books.failed - trial.figures.notes.get("retried", 0)
    return [f"billed {books.billed}, saved {books.saved}"] if share != 1 or failed > 0 else []
