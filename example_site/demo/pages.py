"""Makes the pages of the example site. What is there already is left as it is."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from wagtail.contrib.forms.models import AbstractFormField
from wagtail.models import Page, Site

from example_site.demo import content
from example_site.website.models import (
    FormField,
    FormPage,
    HomePage,
    PaperFormField,
    PaperPage,
    Product,
    TextPage,
)


ADMIN_USER = "admin"
ADMIN_PASSWORD = "brambles"  # noqa: S105 - for a site on this machine only


def load_admin() -> None:
    """Make the person who may log in, if nobody of that name is there."""
    users = get_user_model().objects
    if not users.filter(username=ADMIN_USER).exists():
        users.create_superuser(ADMIN_USER, "admin@brambleworth.example", ADMIN_PASSWORD)


def load_pages() -> HomePage:
    """Make the pages that are missing and point the site at the home page."""
    home = HomePage.objects.first() or _make_home()
    about = {"body": content.text("about"), "aside": content.text("about_aside")}
    _child(home, TextPage, content.ABOUT | about)
    paper = _child(home, PaperPage, content.PAPER | _paper_texts())
    _add_fields(paper, PaperFormField, content.PAPER_FIELDS)
    quote = _form(home, content.QUOTE, "quote", content.QUOTE_FIELDS)
    _form(home, content.CONTACT, "contact", content.CONTACT_FIELDS)
    if home.quote_page is None and home.paper_page is None:
        home.quote_page, home.paper_page = quote, paper
        home.save()
    _serve(home)
    return home


def _make_home() -> HomePage:
    root = Page.get_first_root_node()
    home = root.add_child(instance=HomePage(**content.HOME))
    for order, product in enumerate(content.PRODUCTS):
        Product.objects.create(page=home, sort_order=order, **product)
    return home


def _child(home: HomePage, model: type[Page], fields: dict) -> Page:
    there = model.objects.child_of(home).filter(slug=fields["slug"]).first()
    return there or home.add_child(instance=model(**fields))


def _form(home: HomePage, fields: dict, name: str, form_fields: list) -> Page:
    texts = {
        "aside": content.text(f"{name}_aside"),
        "thank_you": content.text(f"thanks_{name}"),
    }
    page = _child(home, FormPage, fields | texts)
    _add_fields(page, FormField, form_fields)
    return page


def _paper_texts() -> dict:
    return {"summary": content.text("paper_summary"), "paper": content.text("paper")}


def _add_fields(page: Page, model: type[AbstractFormField], form_fields: list) -> None:
    """Give a form its fields, unless it has some already."""
    if page.form_fields.exists():
        return
    for order, (label, kind, more) in enumerate(form_fields):
        model.objects.create(page=page, sort_order=order, label=label, field_type=kind, **more)


def _serve(home: HomePage) -> None:
    """Make the home page the root of the default site; the welcome page of Wagtail goes."""
    address = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    former = site.root_page if site.root_page_id else None
    site.hostname, site.port = address.hostname, address.port or 80
    site.site_name, site.root_page = "Brambleworth", home
    site.save()
    if former and former.pk != home.pk and former.specific_class is Page:
        former.delete()
