"""Variables as an operator writes them, right and wrong."""

import pytest

from igny8_core.core import environment
from igny8_core.core.crypto import new_key
from igny8_core.core.environment import WrongVariable

NAME = "IGNY8_SOMETHING"


@pytest.fixture
def says(monkeypatch):
    """Set the variable to a value and read it."""

    def read(reader, value, *given, **options):
        monkeypatch.setenv(NAME, value)
        return reader(NAME, *given, **options)

    return read


def test_encryption_keys_are_those_named_else_those_made(says):
    one, two, made = (new_key() for _ in range(3))
    assert says(environment.encryption_keys, f"{one}, {two},", made) == [one, two]
    assert says(environment.encryption_keys, "", f"{made},{one}") == [made, one]


@pytest.mark.parametrize("value", ["c2hvcnQ=", "x", "ü", f"{'A' * 43}=,c2hvcnQ="])
def test_what_is_no_encryption_key_is_refused_unseen(value, says):
    with pytest.raises(WrongVariable, match="`igny8 keys new` makes one") as refused:
        says(environment.encryption_keys, value, new_key())
    assert value not in str(refused.value)


def test_an_empty_variable_is_as_good_as_none(says):
    assert says(environment.whole, "", 7) == 7
    assert says(environment.text, "", "here") == "here"
    assert says(environment.texts, " , ", ["one"]) == ["one"]
    assert says(environment.yes_or_no, " ", True) is True
    assert says(environment.broker, "") == ""
    assert says(environment.counts, "") == {}
    assert says(environment.folder_or, " ", "none") == ""


def test_what_is_written_rightly_is_read(says):
    assert says(environment.whole, " 12 ", 7) == 12
    assert says(environment.seconds, "0.5", 7) == 0.5
    assert says(environment.yes_or_no, "No", True) is False
    assert says(environment.texts, "a, b,", []) == ["a", "b"]
    assert says(environment.counts, "a=1, b=20") == {"a": 1, "b": 20}
    assert says(environment.one_of, "info", "ERROR", ("INFO", "ERROR")) == "INFO"
    assert says(environment.folder_or, "none", "none") == "none"
    assert says(environment.folder_or, "/usr/../usr", "none") == "/usr"
    assert says(environment.broker, "amqp://u:p@host:5672//") == "amqp://u:p@host:5672//"
    database = says(environment.database, "postgres://u:p@host:5433/name", "sqlite:///x")
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("host", 5433, "name")
    assert says(environment.database, "postgresql:///name", "sqlite:///x")["NAME"] == "name"
    assert says(environment.database, "", "sqlite:///x")["NAME"] == "x"
    assert "redis" in says(environment.cache, "redis://host/1", "locmemcache://")["BACKEND"]


@pytest.mark.parametrize(
    ("reader", "value", "given"),
    [
        *((environment.whole, value, (1,)) for value in ("x", "1.5", "-1", "1" * 30)),
        *((environment.seconds, value, (1.0,)) for value in ("x", "0", "-1", "nan", "inf")),
        *((environment.yes_or_no, value, (True,)) for value in ("ture", "2")),
        *((environment.counts, value, ()) for value in ("a", "a=b", "a=1=2", "a=-1")),
        (environment.one_of, "loud", ("INFO", ("INFO", "ERROR"))),
        *(
            (environment.database, value, ("sqlite:///x",))
            for value in ("x", "postgresql://", "postgresql://h", "mysql://h/x", "psql://h:x/x")
        ),
        *(
            (environment.cache, value, ("locmemcache://",))
            for value in ("x", "redis://", "redis://h:x/1", "memcache://h")
        ),
        *(
            (environment.broker, value, ())
            for value in ("x", "redis://", "http://h", "redis://h:x")
        ),
        *((environment.web_address, value, ()) for value in ("x", "ftp://h", "https://")),
        (environment.folder, "/dev/null/x", ("var",)),
        *((environment.folder_or, value, ("none",)) for value in ("/dev/null/x", "None", "nine")),
    ],
)
def test_what_is_written_wrongly_is_named_with_its_cure_and_not_shown(says, reader, value, given):
    with pytest.raises(WrongVariable) as refused:
        says(reader, value, *given)
    said = str(refused.value)
    assert said.startswith(f"{NAME} cannot be read: write ")
    assert said.endswith(", or leave it out.")
    assert "psql" not in said
