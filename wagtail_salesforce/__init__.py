"""Turns a Wagtail site's form submissions into scored contacts and replicates them into Salesforce."""

__version__ = "0.1.0"
