"""A site that existed before: form pages with no code for this package."""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.forms.models import (
    AbstractForm,
    AbstractFormField,
    AbstractFormSubmission,
    FormMixin,
)
from wagtail.models import Page


class FormField(AbstractFormField):
    page = ParentalKey("FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractForm):
    """A plain form page: Wagtail's own FormSubmission."""

    content_panels = [*AbstractForm.content_panels, InlinePanel("form_fields")]
    template = "testapp/form_page.html"
    landing_page_template = "testapp/form_page_landing.html"


class OwnSubmission(AbstractFormSubmission):
    """A submission class of the site's own."""

    internal_note = models.CharField(max_length=100, blank=True)


class OwnFormField(AbstractFormField):
    page = ParentalKey("OwnFormPage", on_delete=models.CASCADE, related_name="form_fields")


class OwnFormPage(FormMixin, Page):
    """A form page with a submission class of its own."""

    content_panels = [FieldPanel("title"), InlinePanel("form_fields")]
    template = "testapp/form_page.html"
    landing_page_template = "testapp/form_page_landing.html"

    def get_submission_class(self):
        return OwnSubmission
