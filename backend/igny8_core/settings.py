"""Every setting of the product, read from the environment; README documents each variable."""

import sqlite3
from pathlib import Path
from typing import Any

import environ

from igny8_core.core.secrets import secrets_of

env = environ.Env()

# --- where things lie -------------------------------------------------------------------------
DATA_DIR = Path(env.str("IGNY8_DATA_DIR", default="var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
_secrets = secrets_of(DATA_DIR)
SECRET_KEY = env.str("SECRET_KEY", default=_secrets["SECRET_KEY"])
IGNY8_ENCRYPTION_KEYS = env.list(
    "IGNY8_ENCRYPTION_KEYS", default=_secrets["IGNY8_ENCRYPTION_KEYS"].split(",")
)
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
LOOPBACK = HOST in {"127.0.0.1", "::1", "localhost"}

# --- Django -----------------------------------------------------------------------------------
DEBUG = False
# Whoever opens HOST to others has names that only they know.
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if LOOPBACK else ["*"]
)
ROOT_URLCONF = "igny8_core.urls"
WSGI_APPLICATION = "igny8_core.wsgi.application"
AUTH_USER_MODEL = "core.User"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "igny8_core.core",
    "igny8_core.system",
    "igny8_core.billing",
    "igny8_core.planner",
    "igny8_core.writer",
    "igny8_core.ai",
    "igny8_core.api",
]
MIDDLEWARE = [
    "igny8_core.api.middleware.NeverCached",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
(DATA_DIR / "static").mkdir(exist_ok=True)
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
APPEND_SLASH = True


# --- the worker -------------------------------------------------------------------------------
IGNY8_MAX_CONCURRENCY = env.int("IGNY8_MAX_CONCURRENCY", default=50)
IGNY8_HEARTBEAT_SECONDS = env.float("IGNY8_HEARTBEAT_SECONDS", default=10)
IGNY8_LEASE_SECONDS = env.float("IGNY8_LEASE_SECONDS", default=30)
IGNY8_SWEEP_SECONDS = env.float("IGNY8_SWEEP_SECONDS", default=2)


# --- database ---------------------------------------------------------------------------------
def _wal_is_safe() -> bool:
    """WAL loses data under a rare race before 3.51.3 and its backports (sqlite.org/wal.html)."""
    version = sqlite3.sqlite_version_info
    return (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51, 0)
        or ((3, 44, 6) <= version < (3, 45, 0))
    )


def _sqlite(database: dict[str, Any]) -> dict[str, Any]:
    journal = "WAL" if _wal_is_safe() else "TRUNCATE"
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: an answer that was paid for and journalled survives a power cut.
        "init_command": f"PRAGMA journal_mode={journal}; PRAGMA synchronous=FULL;",
    }
    database["CONN_MAX_AGE"] = None
    database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    return database


def _database() -> dict[str, Any]:
    database = env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'igny8.sqlite3'}")
    if database["ENGINE"].endswith("sqlite3"):
        return _sqlite(database)
    options = database.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 5)
    # A process that is frozen, or cut off from us, within a transaction holds its rows no longer
    # than its lease.
    milliseconds = int(1000 * IGNY8_LEASE_SECONDS)
    options.setdefault("options", f"-c idle_in_transaction_session_timeout={milliseconds}")
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Throttles are counted there: with Django's 300 entries strangers would evict others' counters.
CACHES = {
    "default": env.cache_url("CACHE_URL", default="locmemcache://?max_entries=100000"),
}
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")

# --- the API ----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "igny8_core.api.authentication.TokenAuthentication",
        "igny8_core.api.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["igny8_core.api.permissions.HasRole"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["igny8_core.api.parsers.JSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "igny8_core.api.negotiation.FirstRenderer",
    "DEFAULT_PAGINATION_CLASS": "igny8_core.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "igny8_core.api.schema.Schema",
    "EXCEPTION_HANDLER": "igny8_core.api.exceptions.handle",
    "DEFAULT_THROTTLE_CLASSES": [],
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": env.int("IGNY8_NUM_PROXIES", default=0),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "IGNY8",
    "DESCRIPTION": "From a keyword export to finished articles with pictures.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["igny8_core.api.schema.only_documented"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Ours refuses to be entered without an account; only an empty queryset is wanted here.
    "DEFAULT_QUERY_MANAGER": "_default_manager",
    "ENUM_NAME_OVERRIDES": {
        "RunState": "igny8_core.ai.models.RunState",
        "ItemState": "igny8_core.ai.models.ItemState",
    },
    "COMPONENT_SPLIT_REQUEST": True,
}
IGNY8_SIGNUP_CREDITS = env.int("IGNY8_SIGNUP_CREDITS", default=1000)
IGNY8_OPEN_REGISTRATION = env.bool("IGNY8_OPEN_REGISTRATION", default=LOOPBACK)
IGNY8_SIGNED_URL_SECONDS = env.int("IGNY8_SIGNED_URL_SECONDS", default=24 * 3600)
IGNY8_IMPORT_MAX_ROWS = env.int("IGNY8_IMPORT_MAX_ROWS", default=100_000)
IGNY8_IMPORT_MAX_BYTES = env.int("IGNY8_IMPORT_MAX_BYTES", default=50 * 1024 * 1024)

# --- providers --------------------------------------------------------------------------------
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="")
RUNWARE_API_KEY = env.str("RUNWARE_API_KEY", default="")
RUNWARE_BASE_URL = env.str("RUNWARE_BASE_URL", default="")
# Where the stand-in answers; `igny8 serve` and `igny8 pipeline` set it for what they start.
IGNY8_SANDBOX_URL = env.str("IGNY8_SANDBOX_URL", default="")
IGNY8_PROVIDER_HOSTS = env.list("IGNY8_PROVIDER_HOSTS", default=[])
IGNY8_PROVIDER_TIMEOUT_SECONDS = env.float("IGNY8_PROVIDER_TIMEOUT_SECONDS", default=120)
IGNY8_IMAGE_TIMEOUT_SECONDS = env.float("IGNY8_IMAGE_TIMEOUT_SECONDS", default=180)
IGNY8_ITEM_ATTEMPTS = env.int("IGNY8_ITEM_ATTEMPTS", default=4)

# Credits per item of an AI function, where they differ from the function's own:
# IGNY8_CREDITS="generate_content=10,generate_images=5".
IGNY8_CREDITS = {
    name: int(credits) for name, credits in env.dict("IGNY8_CREDITS", default={}).items()
}

# --- logs -------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("IGNY8_LOG_LEVEL", default="INFO")},
    "loggers": {
        "httpx2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "waitress.queue": {"level": "ERROR"},
    },
}
