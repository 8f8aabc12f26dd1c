"""Speaks to Salesforce; knows no Django model."""
