"""The pages of the mapping snippet that differ from Wagtail's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.utils import quote
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.views.generic.models import CopyViewMixin
from wagtail.snippets.views.snippets import CreateView, DeleteView, EditView

from wagtail_salesforce.admin.mapping_describe import LeadFields, lead_fields
from wagtail_salesforce.admin.mapping_few_statements import FewStatementsMixin
from wagtail_salesforce.admin.resend_access import question_after_saving
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings


RELOAD = "reload-fields"


class MappingEditorMixin:
    """For the create and edit views: the form gets the organization's fields.

    Without any the page says what to do first, and nothing can be edited.
    """

    @cached_property
    def lead_fields(self) -> LeadFields:
        posted = self.request.POST  # type: ignore[attr-defined]
        return lead_fields(reload=RELOAD in posted, submitted=bool(posted))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        permitted = self.user_has_permission(self.permission_required)  # type: ignore[attr-defined]
        if permitted and self.lead_fields.describe is None:
            return self._unavailable()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def _unavailable(self) -> HttpResponse:
        context = {
            "page_title": _("Salesforce mapping"),
            "header_title": _("Salesforce mapping"),
            "breadcrumbs_items": self.get_breadcrumbs_items(),  # type: ignore[attr-defined]
            "trouble": self.lead_fields.trouble,
        }
        template = "wagtail_salesforce/mapping/unavailable.html"
        return TemplateResponse(self.request, template, context)  # type: ignore[attr-defined]

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()  # type: ignore[misc]
        fields = self.lead_fields
        return kwargs | {"describe": fields.describe, "trouble": fields.trouble}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One transaction, so that the revision is checked and raised as one step."""
        with transaction.atomic():
            return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def is_valid(self, form: Any) -> bool:
        """*Reload fields* comes with what was typed, and shows it again, unsaved."""
        valid = super().is_valid(form)  # type: ignore[misc]
        return valid and RELOAD not in self.request.POST  # type: ignore[attr-defined]

    def form_invalid(self, form: Any) -> HttpResponse:
        if RELOAD not in self.request.POST:  # type: ignore[attr-defined]
            return super().form_invalid(form)  # type: ignore[misc]
        self._tell_of_reload()
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]

    def _tell_of_reload(self) -> None:
        fields = self.lead_fields
        if fields.trouble or fields.describe is None:
            text = _("The fields could not be read again. %(reason)s") % {"reason": fields.trouble}
            messages.error(self.request, text)  # type: ignore[attr-defined]
            return
        text = _("The %(count)d fields were read again. Your changes are not saved yet.")
        count = len(fields.describe.fields)
        messages.success(self.request, text % {"count": count})  # type: ignore[attr-defined]

    def get_success_url(self) -> str:
        """Stay on the mapping, where the warnings stand beside the rows, unless there is
        something to decide."""
        viewset = self.model.snippet_viewset  # type: ignore[attr-defined]
        saved = self.form.instance  # type: ignore[attr-defined]
        if question := question_after_saving(self.request, saved):  # type: ignore[attr-defined]
            return question
        return reverse(viewset.get_url_name("edit"), args=[quote(saved.pk)])

    def get_success_buttons(self) -> list[Any]:
        """No button to the page that is shown anyway."""
        return []


class MappingCreateView(MappingEditorMixin, CreateView):
    """A new mapping, filled with the suggestion."""


class MappingCopyView(CopyViewMixin, MappingCreateView):
    """A new mapping, filled with the rows of another one."""


class MappingEditView(FewStatementsMixin, MappingEditorMixin, EditView):
    """A mapping with its rows."""


class MappingDeleteView(DeleteView):
    """Says what deleting means for replication.

    Wagtail's index of references does not hold mappings, and would say that none is in use.
    """

    def get_usage_url(self) -> None:
        """So no page of uses, and no count of them."""

    @property
    def confirmation_message(self) -> str:
        if not ReplicationSettings.objects.filter(mapping=self.object).exists():
            return str(super().confirmation_message)
        return _(
            "This mapping is in use: replication stops until another one is chosen. Are you sure "
            "you want to delete it?"
        )


def warn_before_deleting_several(request: HttpRequest, snippets: Iterable[Any]) -> None:
    """The same for mappings that are ticked in the list, where the page to confirm is Wagtail's."""
    match = request.resolver_match
    if request.method != "GET" or match is None or match.url_name != "wagtail_bulk_action":
        return
    chosen = [each.pk for each in snippets if isinstance(each, Mapping)]
    used = ReplicationSettings.objects.filter(mapping__in=chosen).select_related("mapping").first()
    if used is not None and used.mapping is not None:
        text = _("The mapping “%(name)s” is in use: replication stops until another one is chosen.")
        messages.warning(request, text % {"name": used.mapping.name})
