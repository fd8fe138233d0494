"""What the settings say where the environment says nothing."""

import json
import os
import subprocess
import sys

import pytest

SHOW = "import json; from igny8_core import settings; print(json.dumps(settings.ALLOWED_HOSTS))"


@pytest.mark.parametrize(
    ("host", "names"),
    [("127.0.0.1", ["127.0.0.1", "localhost", "[::1]"]), ("0.0.0.0", ["*"])],
)
def test_only_an_app_that_others_reach_answers_to_any_name(host, names, tmp_path):
    env = {**os.environ, "HOST": host, "IGNY8_DATA_DIR": str(tmp_path)}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    env.pop("ALLOWED_HOSTS", None)
    shown = subprocess.run([sys.executable, "-c", SHOW], env=env, capture_output=True, check=True)
    assert json.loads(shown.stdout) == names
