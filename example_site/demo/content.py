"""What the example site says: its pages and the fields of its forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any


TEXTS = Path(__file__).resolve().parent / "texts"
OFFICE = "office@brambleworth.example"

PRODUCTS = [
    {
        "name": "Trellis",
        "icon": "trellis",
        "strapline": "The week on one page",
        "description": "A planning board for the whole workshop. Jobs, benches and people, and "
        "always a little room left over.",
    },
    {
        "name": "Almanac",
        "icon": "almanac",
        "strapline": "Promises you can keep",
        "description": "Dates for customers, worked out from the plan instead of from hope. It "
        "tells you early when one is in danger.",
    },
    {
        "name": "Hedgerow",
        "icon": "hedgerow",
        "strapline": "Shelves that speak up",
        "description": "Stock that is counted as it is used. Timber, flour or brass: you hear "
        "about it while there is still some left.",
    },
]

HOME = {
    "title": "Brambleworth",
    "slug": "brambleworth",
    "seo_title": "Planning tools for workshops and makers",
    "search_description": "Calm planning tools for workshops and makers.",
    "headline": "Plan the week your workshop can actually have",
    "introduction": "Brambleworth makes calm software for people who make things: a board "
    "everybody can read, dates you can keep, and shelves that speak up in time.",
    "quotation": "We used to plan the week twice a day. Now we plan it on Friday, once, and it "
    "is still true on Thursday.",
    "quotation_by": "Head of production at a boatyard with forty benches",
}

ABOUT = {
    "title": "About us",
    "slug": "about",
    "show_in_menus": True,
    "search_description": "Who Brambleworth is, and what it believes about planning.",
    "introduction": "We are a small company that writes planning tools for other small companies.",
}

# Fields of a form: label, type, and what else there is to say about it.
FIRST_NAME = ("First name", "singleline", {"required": False})
LAST_NAME = ("Last name", "singleline", {"help_text": "Or your only name."})
E_MAIL: tuple[str, str, dict[str, Any]] = ("E-mail", "email", {})
COMPANY = ("Company", "singleline", {"required": False})
JOB_TITLE = ("Job title", "singleline", {"required": False})
TELEPHONE = ("Telephone", "singleline", {"required": False})
COUNTRY = ("Country", "singleline", {"required": False})
PERSON = [FIRST_NAME, LAST_NAME, E_MAIL, COMPANY, JOB_TITLE]

CONTACT = {
    "title": "Contact us",
    "slug": "contact",
    "show_in_menus": True,
    "search_description": "Write to Brambleworth. A person answers.",
    "introduction": "A question, a complaint, a kind word: write to us, and a person will answer.",
    "button": "Send the message",
    "from_address": "website@brambleworth.example",
    "to_address": OFFICE,
    "subject": "A message from the website",
}
CONTACT_FIELDS = [
    *PERSON,
    TELEPHONE,
    COUNTRY,
    ("Message", "multiline", {}),
    ("Send me the newsletter, four times a year", "checkbox", {"required": False}),
]

QUOTE = {
    "title": "Request a quote",
    "slug": "quote",
    "show_in_menus": True,
    "search_description": "Tell us what you need, and we work out the price on one page.",
    "introduction": "Tell us which tool you would like and how many people will use it. You get "
    "the price on one page.",
    "button": "Ask for the quote",
    "from_address": "website@brambleworth.example",
    "to_address": OFFICE,
    "subject": "A request for a quote",
}
QUOTE_FIELDS = [
    *PERSON,
    TELEPHONE,
    COUNTRY,
    ("Product", "dropdown", {"choices": "\n".join(product["name"] for product in PRODUCTS)}),
    ("Quantity", "number", {"help_text": "How many workshops will use it."}),
    ("Licences", "number", {"help_text": "How many people will use it, in total."}),
    ("Anything we should know", "multiline", {"required": False}),
]

PAPER = {
    "title": "White paper",
    "paper_title": "The quiet week",
    "slug": "white-paper",
    "show_in_menus": True,
    "search_description": "How workshops keep their promises by leaving one day in five open.",
    "introduction": "How workshops keep their promises by leaving one day in five open. Four "
    "pages, free, in exchange for your name.",
}
PAPER_FIELDS = [*PERSON, COUNTRY]


def text(name: str) -> str:
    """A rich text of the site, by the name of its file in `texts`."""
    return (TEXTS / f"{name}.html").read_text(encoding="utf-8")
