"""The world of the tests: a data folder of their own, and no provider but our stand-in."""

import os
import tempfile

os.environ["DJANGO_SETTINGS_MODULE"] = "igny8_core.settings"
os.environ["IGNY8_DATA_DIR"] = tempfile.mkdtemp(prefix="igny8-tests-")
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RUNWARE_API_KEY", "RUNWARE_BASE_URL"):
    os.environ.pop(name, None)

import django  # noqa: E402

django.setup()
