"""The hidden field that says when a form was shown, for a minimum fill time.

{% load wagtail_salesforce_forms %}
<form method="post">{% csrf_token %}{% form_started %} ...
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from wagtail_salesforce.contacts.spam_stamp import (
    FIELD,
    Stamp,
    shown,
    signed,
    subject_of_form,
    subject_of_page,
)


register = template.Library()


@register.simple_tag(takes_context=True)
def form_started(context: Any, form: Any = None) -> SafeString:
    """A hidden field with the signed moment at which the form was shown first.

    `form` is the form page, which is the template's `page` unless given, or the name of a plain
    Django form. A form that is shown again because of an error keeps its first moment.
    """
    subject = _subject(context, form)
    request = context.get("request")
    again = shown(request, subject).stamp is Stamp.GENUINE
    value = request.POST[FIELD] if again else signed(subject)
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, value)


def _subject(context: Any, form: Any) -> str:
    if isinstance(form, str) and form:
        return subject_of_form(form)
    page = form or context.get("page") or context.get("self")
    if getattr(page, "pk", None) is None:
        raise template.TemplateSyntaxError(
            "{% form_started %} needs the form page: in a template without `page`, give the page "
            'or, for a plain form, a name: {% form_started "newsletter" %}.'
        )
    return subject_of_page(page.pk)
