"""The mapping editor's form, as a browser fills and sends it."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.mapping.models import Mapping


BASE = "/admin/snippets/wagtail_salesforce/mapping/"
ADD = f"{BASE}add/"
CHECK = "/admin/salesforce/mapping/check/"
PREVIEW = "/admin/salesforce/mapping/preview/"


def form_of(response: Any) -> Any:
    """The form of a page that was shown."""
    assert response.status_code == 200, response.content[:500]
    return response.context["form"]


def sent(form: Any, **changes: str) -> dict[str, Any]:
    """What a browser sends for the form as it stands, with some rows or fields changed."""
    data = {
        "name": form["name"].value() or "Leads",
        "external_id_field": form["external_id_field"].value() or "",
        "revision": form["revision"].value(),
        "seen-changes": form.drift_key,
    }
    for row in rows_of(form).values():
        data[f"source-{row.name}"] = row.token
        data[f"constant-{row.name}"] = row.constant
    return data | changes


def rows_of(form: Any) -> dict[str, Any]:
    """The rows by Lead field."""
    return {row.name: row for group in form.groups for row in group.rows}


def edit_url(mapping: Any) -> str:
    return f"{BASE}edit/{mapping.pk}/"


def make(client: Any, **changes: str) -> Mapping:
    """A saved mapping made of the suggestion."""
    data = sent(form_of(client.get(ADD))) | changes
    response = client.post(ADD, data)
    assert response.status_code == 302, response.context["form"].errors
    return Mapping.objects.get(name=data["name"])
