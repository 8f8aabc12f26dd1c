"""The JSON document that carries settings, attributes, form connections, scores and mappings."""

from wagtail_salesforce.config_document.export import export_document
from wagtail_salesforce.config_document.load import (
    import_document,
    preview_document,
    read_document,
)
from wagtail_salesforce.config_document.plan import Plan
from wagtail_salesforce.config_document.shape import PART_KEYS


__all__ = [
    "PART_KEYS",
    "Plan",
    "export_document",
    "import_document",
    "preview_document",
    "read_document",
]
