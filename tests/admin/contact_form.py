"""Fills in and sends the form of a contact as a browser does."""

from __future__ import annotations

import html
import re

from django.urls import reverse


ADD = reverse("wagtail_salesforce_contacts:add")


def edit_url(contact):
    return reverse("wagtail_salesforce_contacts:edit", args=[contact.pk])


def filled(client, url, **changes):
    """The data of the form as the page shows it, with these changes."""
    response = client.get(url)
    form = response.context["form"]
    data = {name: form[name].value() for name in form.fields}
    hidden = re.findall(
        r'<input type="hidden" name="(initial-[^"]+)"(?: value="([^"]*)")?', page(response)
    )
    data |= {name: html.unescape(value) for name, value in hidden}
    return {name: "" if value is None else value for name, value in {**data, **changes}.items()}


def send(client, url, **changes):
    return client.post(url, filled(client, url, **changes))


def page(response):
    return response.content.decode()
