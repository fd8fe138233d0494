"""`igny8 doctor` and `igny8 credits`: what an operator asks, and what to do about the answer."""

import pytest

from igny8_core.billing import ledger
from igny8_core.billing.models import CreditAccount
from igny8_core.core.models import Account
from tests.cli.processes import Command, free_port


def test_credits_go_to_an_account_by_id_name_or_owner(world, says):
    for name in (str(world.account.pk), "Alice's", "ALICE@example.com"):
        assert says("credits", "grant", name, "10")[0] == 0
    assert ledger.balance(world.account).credits == 30
    assert ledger.balance(world.charlie.account).credits == 0


def test_a_name_that_is_nobodys_or_several_accounts_is_refused(world, says):
    Account.objects.create(name="Alice's")
    assert says("credits", "grant", "nobody", "1") == (
        1,
        "igny8: There is no account 'nobody'; name its id, its name or its owner.\n",
    )
    status, text = says("credits", "grant", "Alice's", "1")
    assert status == 1
    assert str(world.account.pk) in text


def test_more_than_there_is_cannot_be_taken(world, says):
    ledger.grant(world.account, 5, key="test")
    status, text = says("credits", "grant", "Alice's", "-6")
    assert status == 1
    assert "5 credits" in text


def test_reconcile_proves_the_ledger_or_names_each_difference(world, says):
    ledger.grant(world.account, 5, key="test")
    assert says("credits", "reconcile") == (0, "ledger exact: 1 entries\n")
    CreditAccount.objects.filter(account=world.account).update(available=6)
    status, text = says("credits", "reconcile")
    assert status == 1
    assert f"account {world.account.pk}: balance 6" in text


@pytest.mark.usefixtures("db")
class TestDoctor:
    """The installation of the tests is well until something is taken from it."""

    def test_a_sound_installation_needs_nothing(self, says):
        status, text = says("doctor")
        assert status == 0, text
        assert "played by the sandbox" in text
        assert "gpt-4o (a default): e" in text
        assert "gpt-6-luna follows" in text

    def test_a_broker_that_does_not_answer_is_something_to_do(self, says, settings):
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
        status, text = says("doctor")
        assert status == 1
        assert "Start the broker" in text

    def test_a_provider_that_does_not_answer_is_something_to_do(self, says, settings, monkeypatch):
        settings.OPENAI_BASE_URL = f"http://127.0.0.1:{free_port()}/v1"
        monkeypatch.setenv("OPENAI_BASE_URL", settings.OPENAI_BASE_URL)
        status, text = says("doctor")
        assert status == 1
        assert "127.0.0.1 cannot be reached." in text
        assert "Look at OPENAI_API_KEY and OPENAI_BASE_URL" in text

    def test_a_bucket_that_lets_nobody_in_is_something_to_do(self, says, settings, bucket):
        settings.IGNY8_S3_BUCKET = bucket.name
        bucket.refuse = (403, "InvalidAccessKeyId")
        status, text = says("doctor")
        assert status == 1
        assert "InvalidAccessKeyId" in text
        assert "Look at IGNY8_S3_BUCKET, IGNY8_S3_ENDPOINT" in text
        bucket.refuse = None
        assert says("doctor")[0] == 0
        assert bucket.objects == {}

    @pytest.mark.weights
    def test_it_says_what_keywords_are_likened_by(self, says, settings):
        settings.IGNY8_EMBEDDING_MODEL = ""
        assert "embeddings of the model in" in says("doctor")[1]
        settings.IGNY8_EMBEDDING_MODEL = "none"
        assert "TF-IDF, as IGNY8_EMBEDDING_MODEL says" in says("doctor")[1]

    def test_a_model_that_is_not_installed_is_a_warning(self, says, settings, monkeypatch):
        settings.IGNY8_EMBEDDING_MODEL = ""
        monkeypatch.setattr("igny8_core.planner.clustering.weights.PACKAGE", "not_installed")
        status, text = says("doctor")
        assert status == 0
        assert "!   clusterer    TF-IDF. The embedding model is not installed" in text

    def test_a_folder_without_a_model_is_something_to_do(self, says, settings, tmp_path):
        settings.IGNY8_EMBEDDING_MODEL = str(tmp_path)
        status, text = says("doctor")
        assert status == 1
        assert "model.safetensors" in text
        assert "Look at IGNY8_EMBEDDING_MODEL" in text

    def test_a_folder_that_cannot_be_written_to_is_something_to_do(self, says, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path / "file"
        settings.MEDIA_ROOT.write_bytes(b"")
        status, text = says("doctor")
        assert status == 1
        assert "must be able to write there" in text


def test_a_fresh_folder_needs_a_start_and_nothing_else(started, tmp_path):
    doctor = started(Command("doctor", data=tmp_path / "var"))
    assert doctor.wait() == 1
    assert "start `igny8 serve` once" in doctor.text
    assert doctor.text.endswith("\n1 to be done, see above.\n")
    assert doctor.text.count("!!") == 1


@pytest.mark.parametrize("url", ["postgresql://a:b@127.0.0.1:{port}/c", "sqlite:////nowhere/c.db"])
def test_a_database_that_is_not_there_is_something_to_do(url, started, tmp_path):
    url = url.format(port=free_port())
    doctor = started(Command("doctor", data=tmp_path / "var", DATABASE_URL=url))
    assert doctor.wait() == 1
    assert "look at DATABASE_URL" in doctor.text
    assert doctor.text.endswith("\n1 to be done, see above.\n")
    assert "Traceback" not in doctor.text


@pytest.mark.parametrize(
    "words", [("serve",), ("worker",), ("doctor",), ("credits", "reconcile"), ("pipeline", "k.csv")]
)
def test_a_variable_that_cannot_be_read_is_one_line_from_every_command(words, tmp_path, started):
    (tmp_path / "k.csv").write_text("keyword\none\n")
    secret = "postgresql://me:secret@host:port/name"
    command = started(Command(*words, data=tmp_path / "var", DATABASE_URL=secret))
    assert command.wait() == 2, command.text
    assert command.text == (
        "igny8: settings: DATABASE_URL cannot be read: write an address such as "
        "postgresql://user:password@host:5432/name, or leave it out.\n"
    )
