"""What the settings say where the environment says nothing."""

import json
import os
import subprocess
import sys

import pytest

SHOW = "import json; from igny8_core import settings; print(json.dumps(settings.{}))"


@pytest.mark.parametrize(
    ("host", "names"),
    [("127.0.0.1", ["127.0.0.1", "localhost", "[::1]"]), ("0.0.0.0", ["*"])],
)
def test_only_an_app_that_others_reach_answers_to_any_name(host, names, tmp_path):
    assert shown("ALLOWED_HOSTS", tmp_path, HOST=host) == names


def test_pictures_go_to_files_unless_a_bucket_is_named(tmp_path):
    assert shown("STORAGES['default']", tmp_path) == {
        "BACKEND": "django.core.files.storage.FileSystemStorage"
    }
    named = {"IGNY8_S3_BUCKET": "pictures", "IGNY8_S3_ENDPOINT": "https://s3.example:9000"}
    assert shown("STORAGES['default']", tmp_path, **named) == {
        "BACKEND": "igny8_core.core.bucket.BucketStorage",
        "OPTIONS": {"bucket": "pictures", "endpoint": "https://s3.example:9000", "region": ""},
    }


def shown(setting, data, **variables):
    """What a setting is in a process with these variables."""
    env = {**os.environ, "IGNY8_DATA_DIR": str(data), "PYTHONPATH": os.pathsep.join(sys.path)}
    for name in ("ALLOWED_HOSTS", "IGNY8_S3_BUCKET", "IGNY8_S3_ENDPOINT", "IGNY8_S3_REGION"):
        env.pop(name, None)
    code = SHOW.format(setting)
    process = subprocess.run(
        [sys.executable, "-c", code], env=env | variables, capture_output=True, check=True
    )
    return json.loads(process.stdout)
