"""A site with wagtailstreamforms, in a process of its own; prints the contact it made."""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.conf import settings


sys.path.insert(0, str(Path(__file__).parents[2]))

from tests import settings as base


class NoMigrations:
    """Every app's tables are made from its models."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


settings.configure(
    **{name: getattr(base, name) for name in dir(base) if name.isupper()}
    | {
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        "INSTALLED_APPS": [
            "wagtailstreamforms",
            "wagtail_modeladmin",
            "generic_chooser",
            *base.INSTALLED_APPS,
        ],
        "MIGRATION_MODULES": NoMigrations(),
        "LOGGING_CONFIG": None,
    }
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from wagtailstreamforms.hooks import register  # noqa: E402
from wagtailstreamforms.models import Form  # noqa: E402

from wagtail_salesforce.contacts.bridges import capture_form  # noqa: E402
from wagtail_salesforce.contacts.models import Contact  # noqa: E402


@register("process_form_submission")
def to_contacts(instance, form):
    if instance.slug == "quote":
        capture_form(
            form,
            title=instance.title,
            activity="quote",
            fields={"e-mail": "email", "your-name": "full_name"},
        )


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    fields = [
        {"type": kind, "value": {"label": label, "required": False}, "id": label}
        for kind, label in (("email", "e mail"), ("singleline", "your name"))
    ]
    quote = Form.objects.create(
        title="Quote",
        slug="quote",
        template_name="streamforms/form_block.html",
        fields=fields,
        process_form_submission_hooks=["to_contacts"],
    )
    names = [*quote.get_form().fields]
    data = dict(zip(names, ["ada@example.org", "Ada Lovelace"], strict=False))
    data |= {"form_id": quote.pk, "form_reference": "x"}
    request = RequestFactory().post("/", data)
    form = quote.get_form(request.POST, request.FILES)
    assert form.is_valid(), form.errors
    quote.process_form_submission(form)
    contact = Contact.objects.get()
    print(contact, contact.activities.get().type)


main()
