"""The installation's one authorized access to one organization.

A site's own code gets its client from `wagtail_salesforce.client`, which keeps the API reserve.
"""
