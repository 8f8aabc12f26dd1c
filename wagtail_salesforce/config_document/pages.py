"""Form pages by their path, such as "/quote/", and back."""

from __future__ import annotations

from django.db.models import Q
from wagtail.models import Page, Site


def page_at(path: str) -> Page | None:
    """The page with this path on any site, the default site first; None when there is none."""
    wanted = "/" + path.strip("/") + "/" if path.strip("/") else "/"
    for site in Site.objects.order_by("-is_default_site", "pk").select_related("root_page"):
        url_path = site.root_page.url_path.rstrip("/") + wanted
        if page := Page.objects.filter(url_path=url_path).first():
            return page.specific
    return None


def path_of(page_id: int) -> str | None:
    """The path of a page below its site's root; None when the page or its site is gone."""
    page = Page.objects.filter(pk=page_id).first()
    parts = page.get_url_parts() if page else None
    if page is None or not parts:
        return None
    root = Page.objects.filter(Q(sites_rooted_here=parts[0])).first()
    return page.url_path[len(root.url_path) - 1 :] if root else None
