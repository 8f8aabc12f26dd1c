"""The JSON document that carries settings, attributes, form connections, scores and the mapping."""

from wagtail_salesforce.config_document.export import export_document
from wagtail_salesforce.config_document.load import import_document, read_document


__all__ = ["export_document", "import_document", "read_document"]
