"""Every setting of the product, read from the environment; README documents each variable."""

import sqlite3
from typing import Any

from igny8_core.core import environment as env
from igny8_core.core.secrets import secrets_of

# --- where things lie -------------------------------------------------------------------------
DATA_DIR = env.folder("IGNY8_DATA_DIR", "var")
_secrets = secrets_of(DATA_DIR)
SECRET_KEY = env.text("SECRET_KEY", _secrets["SECRET_KEY"])
IGNY8_ENCRYPTION_KEYS = env.encryption_keys(
    "IGNY8_ENCRYPTION_KEYS", _secrets["IGNY8_ENCRYPTION_KEYS"]
)
HOST = env.text("HOST", "127.0.0.1")
PORT = env.whole("PORT", 8000, least=1, most=65535)
LOOPBACK = HOST in {"127.0.0.1", "::1", "localhost"}

# --- Django -----------------------------------------------------------------------------------
DEBUG = False
# Whoever opens HOST to others has names that only they know.
ALLOWED_HOSTS = env.texts(
    "ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if LOOPBACK else ["*"]
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
IGNY8_S3_BUCKET = env.bucket("IGNY8_S3_BUCKET")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if IGNY8_S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "igny8_core.core.bucket.BucketStorage",
        "OPTIONS": {
            "bucket": IGNY8_S3_BUCKET,
            "endpoint": env.web_address("IGNY8_S3_ENDPOINT"),
            "region": env.text("IGNY8_S3_REGION"),
        },
    }
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
APPEND_SLASH = True


# --- the worker -------------------------------------------------------------------------------
IGNY8_MAX_CONCURRENCY = env.whole("IGNY8_MAX_CONCURRENCY", 50, least=1)
IGNY8_HEARTBEAT_SECONDS = env.seconds("IGNY8_HEARTBEAT_SECONDS", 10)
IGNY8_LEASE_SECONDS = env.seconds("IGNY8_LEASE_SECONDS", 30)
IGNY8_SWEEP_SECONDS = env.seconds("IGNY8_SWEEP_SECONDS", 2)


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


#: What a session with PostgreSQL is set to, which needs no right to anything.
_SESSION = {
    # A process that is frozen, or cut off from us, within a transaction holds its rows no longer
    # than its lease.
    "idle_in_transaction_session_timeout": int(1000 * IGNY8_LEASE_SECONDS),
    # An index is read about as quickly as a table. By the default, made for disks that turn,
    # PostgreSQL reads all of a table of keywords where an index has what is asked: ADR 16.
    "random_page_cost": 1.1,
}


def _database() -> dict[str, Any]:
    database = env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'igny8.sqlite3'}")
    if database["ENGINE"].endswith("sqlite3"):
        return _sqlite(database)
    options = database.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 5)
    flags = (f"-c {name}={value}" for name, value in _SESSION.items())
    options.setdefault("options", " ".join(flags))
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Throttles are counted there: with Django's 300 entries strangers would evict others' counters.
CACHES = {
    "default": env.cache("CACHE_URL", "locmemcache://?max_entries=100000"),
}
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL")

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
    "NUM_PROXIES": env.whole("IGNY8_NUM_PROXIES", 0),
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
        "ClusterStatusEnum": "igny8_core.planner.models.Cluster.Status",
        "IdeaStatusEnum": "igny8_core.planner.models.ContentIdeas.Status",
        "TaskStatusEnum": "igny8_core.writer.models.Tasks.Status",
    },
    "COMPONENT_SPLIT_REQUEST": True,
}
IGNY8_SIGNUP_CREDITS = env.whole("IGNY8_SIGNUP_CREDITS", 1000)
IGNY8_OPEN_REGISTRATION = env.yes_or_no("IGNY8_OPEN_REGISTRATION", LOOPBACK)
IGNY8_SIGNED_URL_SECONDS = env.whole("IGNY8_SIGNED_URL_SECONDS", 24 * 3600, least=1)
IGNY8_IMPORT_MAX_ROWS = env.whole("IGNY8_IMPORT_MAX_ROWS", 100_000, least=1)
IGNY8_IMPORT_MAX_BYTES = env.whole("IGNY8_IMPORT_MAX_BYTES", 50 * 1024 * 1024, least=1)

# --- providers --------------------------------------------------------------------------------
OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_BASE_URL = env.web_address("OPENAI_BASE_URL")
RUNWARE_API_KEY = env.text("RUNWARE_API_KEY")
RUNWARE_BASE_URL = env.web_address("RUNWARE_BASE_URL")
# Others, each a file in ai/providers with its own NAME_API_KEY and NAME_BASE_URL.
IGNY8_PROVIDERS = env.names("IGNY8_PROVIDERS")
globals().update(env.access_to(IGNY8_PROVIDERS))
# Where the stand-in answers; `igny8 serve` and `igny8 pipeline` set it for what they start.
IGNY8_SANDBOX_URL = env.web_address("IGNY8_SANDBOX_URL")
IGNY8_PROVIDER_HOSTS = env.texts("IGNY8_PROVIDER_HOSTS", [])
IGNY8_PROVIDER_TIMEOUT_SECONDS = env.seconds("IGNY8_PROVIDER_TIMEOUT_SECONDS", 120)
IGNY8_IMAGE_TIMEOUT_SECONDS = env.seconds("IGNY8_IMAGE_TIMEOUT_SECONDS", 180)
IGNY8_ITEM_ATTEMPTS = env.whole("IGNY8_ITEM_ATTEMPTS", 4, least=1)
# Models and prices of the operator's own, laid over ours: docs/models.md.
IGNY8_OPENAI_INTERFACE = env.one_of(
    "IGNY8_OPENAI_INTERFACE", "chat_completions", ("chat_completions", "responses")
)
IGNY8_CATALOGUE = env.file("IGNY8_CATALOGUE")

# Credits per item of an AI function, where they differ from the function's own:
# IGNY8_CREDITS="generate_content=10,generate_images=5".
IGNY8_CREDITS = env.counts("IGNY8_CREDITS")

# --- clustering -------------------------------------------------------------------------------
# A folder of weights, or `none` for TF-IDF; else those of requirements/weights.txt.
IGNY8_EMBEDDING_MODEL = env.folder_or("IGNY8_EMBEDDING_MODEL", "none")

# --- logs -------------------------------------------------------------------------------------
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.one_of("IGNY8_LOG_LEVEL", "INFO", _LEVELS)},
    "loggers": {
        "botocore": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "waitress.queue": {"level": "ERROR"},
    },
}
