"""A believable company site that wagtail-salesforce is shown on, with its demonstration."""
