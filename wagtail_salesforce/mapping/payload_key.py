"""A hash of everything an editor may change that changes what is written into leads."""

from __future__ import annotations

import hashlib
import json

from wagtail_salesforce.mapping.resolve import Group
from wagtail_salesforce.mapping.validate import MappingLike


def payload_key(mapping: MappingLike, lead_description: str, default_company_name: str) -> str:
    """32 hex digits: the rows, and the settings that these rows use.

    The external identifier is not part of it: leads that exist are found by their Salesforce id.
    """
    fields = mapping.fields if isinstance(mapping.fields, dict) else {}
    custom = [
        entry.get("name")
        for entry in fields.values()
        if isinstance(entry, dict) and entry.get("source") == Group.CUSTOM.value
    ]
    parts = [
        fields,
        lead_description if "lead_description" in custom else None,
        default_company_name.strip() if "company_name" in custom else None,
    ]
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
