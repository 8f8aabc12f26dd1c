"""Form fields that browsers and password managers can fill in by themselves."""

from __future__ import annotations

from wagtail.contrib.forms.forms import FormBuilder


# A field's clean name -> the purpose it has for a browser (HTML's autofill tokens).
AUTOCOMPLETE = {
    "first_name": "given-name",
    "last_name": "family-name",
    "e_mail": "email",
    "company": "organization",
    "job_title": "organization-title",
    "telephone": "tel",
    "country": "country-name",
}


class CompanyFormBuilder(FormBuilder):
    """Wagtail's own builder, with an autocomplete purpose and small text areas."""

    def create_multiline_field(self, field, options):
        form_field = super().create_multiline_field(field, options)
        form_field.widget.attrs["rows"] = 6
        return form_field

    @property
    def formfields(self):
        form_fields = super().formfields
        for name, form_field in form_fields.items():
            if purpose := AUTOCOMPLETE.get(name):
                form_field.widget.attrs["autocomplete"] = purpose
        return form_fields
