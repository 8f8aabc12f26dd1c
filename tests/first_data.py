"""What Wagtail's migrations put into a database, put back where a test has emptied it.

A test with real commits (a live server's, for one) ends by emptying every table.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from wagtail.contrib.forms.utils import get_form_types
from wagtail.models import Collection, Locale, Page, Site

from wagtail_salesforce.contacts import activity_types


def put_back() -> None:
    """The locale, the root and home pages with their site, and the right to enter the admin."""
    # Content types have other ids now, and Django and Wagtail remember the old ones;
    # and the rows of activity types are gone.
    ContentType.objects.clear_cache()
    get_form_types.cache_clear()
    activity_types._with_row.clear()
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    if not Page.objects.exists():
        root = Page.add_root(instance=Page(title="Root", slug="root"))
        home = root.add_child(instance=Page(title="Welcome", slug="home"))
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    kind, _created = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
    Permission.objects.get_or_create(
        content_type=kind,
        codename="access_admin",
        defaults={"name": "Can access Wagtail admin"},
    )
