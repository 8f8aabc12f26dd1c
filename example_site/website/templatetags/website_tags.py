"""Template helpers of the site."""

from __future__ import annotations

from django import template
from wagtail.models import Site


register = template.Library()


@register.simple_tag(takes_context=True)
def site_menu(context):
    """The pages of the main menu, with `is_current` for the one being read."""
    request = context.get("request")
    site = Site.find_for_request(request) if request else None
    if site is None:
        return []
    pages = site.root_page.get_children().live().in_menu()
    here = getattr(context.get("page"), "pk", None)
    return [(page, page.pk == here) for page in pages]
