"""`igny8 pipeline` does the whole job on a file, and takes up what an earlier call left."""

import json
import subprocess
import sys

import pytest

from tests.cli.processes import ROOT, Command, clean_environment

KEYWORDS = """\
Keyword,Intent,Volume
hiking boots,Informational,9900
best hiking boots for women,Commercial,5400
hiking boots sale,Transactional,880
how to clean hiking boots,Informational,720
espresso machine,Informational,8100
best espresso machine,Commercial,4400
espresso machine cleaning,Informational,590
buy espresso machine,Transactional,390
"""


@pytest.fixture
def keywords(tmp_path):
    path = tmp_path / "keywords.csv"
    path.write_text(KEYWORDS)
    return path


def in_django(data, code) -> str:
    """What the code prints in a process of this installation."""
    environment = clean_environment(data) | {
        "DJANGO_SETTINGS_MODULE": "igny8_core.settings",
        "PYTHONPATH": f"{ROOT / 'backend'}:{ROOT}",
    }
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_file_becomes_articles_with_their_pictures(started, keywords, tmp_path):
    out, data = tmp_path / "out", tmp_path / "var"
    words = ("pipeline", str(keywords), "--limit", "3", "--site", "Shop", "--out", str(out))
    first = started(Command(*words, data=data, IGNY8_SIGNUP_CREDITS="0"))
    assert first.wait() == 0, first.text
    assert "too few and was given" in first.text
    report = json.loads((out / "report.json").read_text())
    counts = report["counts"]
    assert counts["keywords"] == 3
    assert report["every_keyword_has_one_cluster"]
    assert counts["articles"] == counts["tasks"] == counts["ideas"] > 0
    assert counts["pictures"] == 3 * counts["articles"]
    assert report["sandbox"]
    assert not report["failures"]
    assert {stage["failed"] for stage in report["stages"]} == {0}
    folders = list((out / "articles").iterdir())
    assert len(folders) == counts["articles"]
    for folder in folders:
        names = {"featured.webp", "picture-1.webp", "picture-2.webp"}
        assert names < {path.name for path in folder.iterdir()}
        for page in ("index.html", "article.md"):
            assert all(name in (folder / page).read_text() for name in names)
        assert f"articles/{folder.name}/index.html" in (out / "index.html").read_text()

    again = started(Command(*words, data=data))
    assert again.wait() == 0, again.text
    repeated = json.loads((out / "report.json").read_text())
    assert repeated["counts"] == counts
    assert repeated["totals"]["credits"] == 0

    ledger = started(Command("credits", "reconcile", data=data))
    assert ledger.wait() == 0, ledger.text


def test_what_other_accounts_wait_for_is_left_to_the_app(migrated, started, keywords, tmp_path):
    """The shell may have other providers than the app; nobody pays for their answers."""
    begin = (
        "import django; django.setup();"
        "from igny8_core.ai.models import AITaskLog; from tests.world import a_run, an_owner;"
    )
    made = in_django(migrated, begin + "print(a_run(an_owner().account).pk)")
    words = ("pipeline", str(keywords), "--limit", "1", "--out", str(tmp_path / "out"))
    pipeline = started(Command(*words, data=migrated))
    assert pipeline.wait() == 0, pipeline.text
    code = f"run = AITaskLog.unscoped.get(pk='{made}'); print(run.state, run.fence, run.owner)"
    assert in_django(migrated, begin + code) == "PENDING 0"


def test_a_dry_run_tells_the_price_and_stores_nothing(migrated, started, keywords, tmp_path):
    words = ("pipeline", str(keywords), "--dry-run", "--out", str(tmp_path / "out"))
    forecast = started(Command(*words, data=migrated))
    assert forecast.wait() == 0, forecast.text
    assert "generic, 8 keyword(s)" in forecast.text
    assert "gpt-4o-mini, 1 call(s): " in forecast.text
    assert "1 credit(s)" in forecast.text
    assert not (tmp_path / "out").exists()


def test_what_is_wrong_with_the_input_is_one_line(migrated, started, tmp_path):
    (tmp_path / "no.csv").write_text("a,b\n1,2\n")
    for words, said in (
        (("pipeline", "nowhere.csv"), "nowhere.csv: No such file"),
        (("pipeline", str(tmp_path / "no.csv")), "keyword"),
        (("pipeline", str(tmp_path / "no.csv"), "--account", "nobody"), "no account 'nobody'"),
        (("worker",), "CELERY_BROKER_URL is not set"),
        (("sandbox", "--fault", "bogus=1"), "--fault"),
    ):
        command = started(Command(*words, data=migrated))
        assert command.wait() == 1, command.text
        assert said in command.text
        assert command.text.count("\n") == 1
