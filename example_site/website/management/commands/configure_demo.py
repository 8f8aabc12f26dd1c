"""Imports the demonstration's configuration, with the mapping that the org's fields suggest."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.mapping.suggest import suggest


CONFIGURATION = Path(__file__).resolve().parents[3] / "demo" / "configuration.json"
EXTERNAL_ID = "Web_Contact_ID__c"


class Command(BaseCommand):
    help = (
        "Import the example site's attributes, form connections, scores and settings, and a "
        "mapping suggested from the fields of the connected organization."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        document = json.loads(CONFIGURATION.read_text(encoding="utf-8"))
        document["mapping"] = self._mapping(document["attributes"])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "configuration.json"
            file.write_text(json.dumps(document), encoding="utf-8")
            call_command("salesforce_config", "import", str(file), stderr=self.stderr)

    def _mapping(self, attributes: list[dict[str, str]]) -> dict[str, Any]:
        types = {item["name"]: FieldType(item["type"]) for item in attributes}
        fields = suggest(lead_describe(), types)
        self.stdout.write(f"Suggested for {len(fields)} fields: {', '.join(sorted(fields))}.")
        return {"name": "Leads", "external_id_field": EXTERNAL_ID, "fields": fields}
