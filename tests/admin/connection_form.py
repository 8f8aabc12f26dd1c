"""Makes editors of form pages, and fills in the form of a form connection."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission

from tests.admin.people import person
from wagtail_salesforce.contacts.models import FormConnection


NAMESPACE = "wagtail_salesforce_form_connections"
LIST = reverse(f"{NAMESPACE}:index")
CHOOSE = reverse(f"{NAMESPACE}:add")
ALL = tuple(f"{kind}_formconnection" for kind in ("view", "add", "change", "delete"))
FIELDS = {"your_email": {"field": "email"}, "last_name": {"field": "last_name"}}


def editor_of(*pages, permissions=ALL):
    """Somebody who may edit these pages (and what is below them)."""
    user = person(*permissions)
    change = Permission.objects.get(codename="change_page")
    for page in pages:
        GroupPagePermission.objects.create(group=user.groups.get(), page=page, permission=change)
    client = Client()
    client.force_login(user)
    return client


def connected(page, **columns):
    return FormConnection.objects.create(
        **{"name": page.title, "page_id": page.pk, "fields": FIELDS, **columns}
    )


def url(name, *args):
    return reverse(f"{NAMESPACE}:{name}", args=args)


def rows(client):
    return [item["row"] for item in client.get(LIST).context["rows"]]


def filled(client, address, **changes):
    """The data of the form as the page offers it, with these changes."""
    form = client.get(address).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    data = {name: "on" if value is True else value for name, value in data.items()}
    return {**data, **changes}
