from django.apps import AppConfig


class WebsiteConfig(AppConfig):
    """The pages of Brambleworth, a software company that does not exist."""

    name = "example_site.website"
    label = "website"
    verbose_name = "Website"
