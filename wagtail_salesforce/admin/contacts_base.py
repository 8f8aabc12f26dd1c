"""What the viewsets of the Contacts menu share."""

from __future__ import annotations

from typing import Any

from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet


class QuietViewSet(ModelViewSet):
    """A viewset without copies and without the reference index (and so without a usage page)."""

    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    # Wide tables scroll in their own box instead of widening the page.
    index_results_template_name = "wagtail_salesforce/contacts/results.html"
    form_class: type[ModelForm]

    def get_form_class(self, for_update: bool = False) -> type[ModelForm]:
        return self.form_class

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(**kwargs) | {"usage_url_name": None}

    def get_urlpatterns(self) -> list[Any]:
        patterns = super().get_urlpatterns()
        return [pattern for pattern in patterns if pattern.name != "usage"]


class DeleteUnusedView(generic.DeleteView):
    """Refuses to delete what something else refers to, and says what that is."""

    template_name = "wagtail_salesforce/contacts/delete_used.html"

    @cached_property
    def uses(self) -> list[str]:
        """What refers to the object, as phrases for a list. To be overridden."""
        return []

    def form_valid(self, form: Any) -> HttpResponse:
        if not self.uses:
            return super().form_valid(form)
        text = _("“%(object)s” is in use, so it was not deleted.")
        messages.error(self.request, text % {"object": self.object})
        return redirect(self.get_delete_url())
