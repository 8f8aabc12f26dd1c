"""Everything a replicator needs, imported once; forked processes then start in no time.

It must not touch the database: a connection cannot be shared by forked processes.
"""

import os


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.torture.settings")

import django


django.setup()

import time_machine  # noqa: E402, F401
from django.core.management import load_command_class  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from wagtail_salesforce.replication import engine, tasks  # noqa: E402, F401


load_command_class("wagtail_salesforce", "salesforce_replicate")
get_resolver().url_patterns  # noqa: B018 (imports the site's views)
