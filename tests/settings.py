"""Settings of the test site. DATABASE_URL-like switches come from the environment:
WS_TEST_DATABASE is sqlite (default), postgres or mysql."""

import os
import tempfile
from pathlib import Path


BASE_DIR = Path(__file__).resolve().parent

DATABASES_BY_NAME = {
    "sqlite": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
        "TEST": {"NAME": os.environ.get("WS_TEST_SQLITE_NAME")},
    },
    "postgres": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("WS_TEST_DATABASE_NAME", "test"),
        "USER": os.environ.get("PGUSER", "postgres"),
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "HOST": os.environ.get("PGHOST", "127.0.0.1"),
        "PORT": os.environ.get("PGPORT", "5432"),
        "TEST": {"NAME": os.environ.get("WS_TEST_DATABASE_TEST_NAME")},
    },
    "mysql": {
        "ENGINE": "django.db.backends.mysql",
        "NAME": os.environ.get("WS_TEST_DATABASE_NAME", "test"),
        "USER": os.environ.get("MYSQL_USER", "root"),
        "PASSWORD": os.environ.get("MYSQL_PASSWORD", ""),
        "HOST": os.environ.get("MYSQL_HOST", "127.0.0.1"),
        "PORT": os.environ.get("MYSQL_PORT", "3306"),
        "OPTIONS": {"charset": "utf8mb4"},
        "TEST": {"CHARSET": "utf8mb4", "NAME": os.environ.get("WS_TEST_DATABASE_TEST_NAME")},
    },
}
DATABASES = {"default": DATABASES_BY_NAME[os.environ.get("WS_TEST_DATABASE", "sqlite")]}

SECRET_KEY = "only for tests"
USE_TZ = True
TIME_ZONE = "Europe/London"
LANGUAGE_CODE = "en-gb"
ROOT_URLCONF = "tests.urls"
ALLOWED_HOSTS = ["*"]
STATIC_URL = "/static/"
STATIC_ROOT = os.path.join(tempfile.gettempdir(), "ws-static")
MEDIA_ROOT = os.path.join(tempfile.gettempdir(), "ws-media")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

INSTALLED_APPS = [
    "wagtail_salesforce",
    "tests.testapp",
    "django_q",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "tests.one_at_a_time.OneAtATime",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

WAGTAIL_SITE_NAME = "Test site"
WAGTAILADMIN_BASE_URL = "http://testserver"
WAGTAIL_SALESFORCE = {"ALLOW_LOOPBACK_ORG": True}

Q_CLUSTER = {
    "name": "site",
    "orm": "default",
    "catch_up": False,
    "ack_failures": True,
    "max_attempts": 1,
    "timeout": 300,
    "retry": 1200,
    "ALT_CLUSTERS": {
        "salesforce": {
            "workers": 1,
            "queue_limit": 1,
            "bulk": 1,
            "timeout": 300,
            "retry": 1200,
            "recycle": 50,
        }
    },
}
