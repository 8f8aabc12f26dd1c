"""The page where the set-up is exported and imported, as a person uses it."""

from __future__ import annotations

import json
import re

from django.core.files.uploadedfile import SimpleUploadedFile


PAGE = "/admin/salesforce/config/"
EXPORT = "/admin/salesforce/config/export/"
HOME = "/admin/"
PARTS = ["settings", "attributes", "statuses", "form_connections", "scores", "mappings"]
RULE = {"name": "Any form", "kind": "activity", "activity_type": "form_submission", "points": 3}
DOCUMENT = {
    "version": 1,
    "settings": {"batch_size": 200, "enabled": True},
    "attributes": [{"name": "licences", "label": "Licences", "type": "integer"}],
    "scores": [{"name": "Sales ready", "rules": [RULE]}],
}


def upload(client, document, parts=PARTS, name="set-up.json"):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    file = SimpleUploadedFile(name, content, "application/json")
    data = {"form": "upload", "import-file": file, "import-parts": parts}
    return client.post(PAGE, data)


def hidden(response):
    """What the page sends when it is confirmed."""
    fields = dict(re.findall(r'name="(document|digest|form)" value="([^"]*)"', text(response)))
    return fields if "document" in fields else None


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def words(response):
    return " ".join(re.sub(r"<[^>]*>", " ", text(response)).split())


def confirm(client, response, **changes):
    return client.post(PAGE, hidden(response) | changes, follow=True)


def imported(client, document, **more):
    return confirm(client, upload(client, document, **more))
