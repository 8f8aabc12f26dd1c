"""The pages of the site. They know nothing of Salesforce: any site looks like this."""

from __future__ import annotations

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.forms.models import AbstractEmailForm, AbstractForm, AbstractFormField
from wagtail.contrib.forms.panels import FormSubmissionsPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page

from example_site.website.forms import CompanyFormBuilder


RICH_TEXT = ["h2", "h3", "bold", "italic", "link", "ol", "ul", "blockquote"]


class HomePage(Page):
    """The front door: what the company makes, for whom, and what to do next."""

    headline = models.CharField(max_length=120)
    introduction = models.TextField(max_length=400)
    quotation = models.TextField(max_length=300, blank=True)
    quotation_by = models.CharField(max_length=120, blank=True)
    quote_page = models.ForeignKey(
        "website.FormPage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    paper_page = models.ForeignKey(
        "website.PaperPage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("headline"),
        FieldPanel("introduction"),
        InlinePanel("products", label="Product"),
        MultiFieldPanel([FieldPanel("quotation"), FieldPanel("quotation_by")], "What people say"),
        MultiFieldPanel([FieldPanel("quote_page"), FieldPanel("paper_page")], "Where to go next"),
    ]
    parent_page_types = ["wagtailcore.Page"]
    max_count = 1


class Product(Orderable):
    """One product on the home page."""

    class Icon(models.TextChoices):
        TRELLIS = "trellis", "A trellis"
        ALMANAC = "almanac", "A calendar"
        HEDGEROW = "hedgerow", "Shelves"

    page = ParentalKey(HomePage, on_delete=models.CASCADE, related_name="products")
    name = models.CharField(max_length=60)
    strapline = models.CharField(max_length=120)
    description = models.TextField(max_length=400)
    icon = models.CharField(max_length=20, choices=Icon.choices)

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("icon")]),
        FieldPanel("strapline"),
        FieldPanel("description"),
    ]

    def __str__(self) -> str:
        return self.name


class TextPage(Page):
    """A page of text, such as About us."""

    introduction = models.TextField(max_length=400, blank=True)
    body = RichTextField(features=RICH_TEXT)
    aside = RichTextField(features=RICH_TEXT, blank=True, help_text="Beside the text.")

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("body"),
        FieldPanel("aside"),
    ]


class FormField(AbstractFormField):
    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractEmailForm):
    """A form whose submissions are kept and, where an address is given, sent by e-mail."""

    introduction = models.TextField(max_length=400, blank=True)
    aside = RichTextField(features=RICH_TEXT, blank=True, help_text="Beside the form.")
    button = models.CharField(max_length=40, default="Send")
    thank_you = RichTextField(features=RICH_TEXT, help_text="Shown once the form is sent.")

    form_builder = CompanyFormBuilder
    content_panels = [
        FormSubmissionsPanel(),
        *AbstractEmailForm.content_panels,
        FieldPanel("introduction"),
        InlinePanel("form_fields", label="Form field"),
        FieldPanel("button"),
        FieldPanel("aside"),
        FieldPanel("thank_you"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("from_address"), FieldPanel("to_address")]),
                FieldPanel("subject"),
            ],
            "E-mail",
        ),
    ]


class PaperFormField(AbstractFormField):
    page = ParentalKey("PaperPage", on_delete=models.CASCADE, related_name="form_fields")


class PaperPage(AbstractForm):
    """A white paper, given to those who fill in the form."""

    paper_title = models.CharField(max_length=120)
    introduction = models.TextField(max_length=400, blank=True)
    summary = RichTextField(features=RICH_TEXT, help_text="Beside the form.")
    paper = RichTextField(features=RICH_TEXT, help_text="Shown once the form is sent.")

    form_builder = CompanyFormBuilder
    content_panels = [
        FormSubmissionsPanel(),
        *AbstractForm.content_panels,
        FieldPanel("paper_title"),
        FieldPanel("introduction"),
        InlinePanel("form_fields", label="Form field"),
        FieldPanel("summary"),
        FieldPanel("paper"),
    ]
