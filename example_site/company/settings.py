"""Settings of the example site.

Everything has a default that works on a laptop. The environment may change:

    EXAMPLE_SITE_VAR         folder of the database, mail and logs (example_site/var)
    EXAMPLE_SITE_URL         the site's own address (http://127.0.0.1:8000)
    EXAMPLE_SITE_DEBUG       0 hides Django's debugging pages (1)
    EXAMPLE_SITE_SECRET_KEY  the secret key, where others can reach the site
"""

import os
from pathlib import Path


SITE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("EXAMPLE_SITE_VAR") or SITE_DIR / "var").resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = os.environ.get("EXAMPLE_SITE_DEBUG", "1") == "1"
SECRET_KEY = os.environ.get("EXAMPLE_SITE_SECRET_KEY", "for the example site on this machine only")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

INSTALLED_APPS = [
    "example_site.website",
    # The two lines that add the connector to a Wagtail site.
    "wagtail_salesforce",
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
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Recognises visitors who have agreed to it, and records the pages they visit.
    "wagtail_salesforce.middleware.VisitorMiddleware",
]

ROOT_URLCONF = "example_site.company.urls"
WSGI_APPLICATION = "example_site.company.wsgi.application"

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

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR_DIR / "site.sqlite3",
        # The web server, the replicator and the queue write side by side. On SQLite that needs
        # both of these, or "database is locked" comes at once, whatever the timeout.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "timeout": 20,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"

# Two of the forms also send their submissions by e-mail, as they always have.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = "website@brambleworth.example"

WAGTAIL_SITE_NAME = "Brambleworth"
WAGTAILADMIN_BASE_URL = os.environ.get("EXAMPLE_SITE_URL", "http://127.0.0.1:8000")

# The admin of an example site on a laptop asks nobody else for anything.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False

WAGTAIL_SALESFORCE = {
    # Only for the practice org: it speaks plain http on this machine.
    "ALLOW_LOOPBACK_ORG": True,
    "COOKIE_CONSENT": "example_site.website.consent.given",
    "PAGE_VISITS": True,
}

Q_CLUSTER = {
    "name": "site",
    "orm": "default",
    "catch_up": False,
    "ack_failures": True,
    "max_attempts": 1,
    "timeout": 300,
    "retry": 1200,
    "ALT_CLUSTERS": {
        # Run it with: Q_CLUSTER_NAME=salesforce python example_site/manage.py qcluster
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
