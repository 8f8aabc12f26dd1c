"""Settings → Integration → Salesforce → Export and import."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from wagtail_salesforce.admin.config_forms import ExportForm, UploadForm, Waiting
from wagtail_salesforce.admin.config_preview import Preview, preview, problems_of
from wagtail_salesforce.admin.config_rights import CONFIG, importable, viewable
from wagtail_salesforce.admin.permissions import PANEL, PermissionRequiredMixin, may
from wagtail_salesforce.admin.resend_access import question_after_saving
from wagtail_salesforce.config_document import Plan, export_document
from wagtail_salesforce.config_document.load import carry_out, locked
from wagtail_salesforce.config_document.plan import make_plan


PAGE = "wagtail_salesforce:config"


class ExportView(PermissionRequiredMixin, View):
    """Downloads the document. No secret and no person is in it."""

    http_method_names = ["get"]
    permissions = CONFIG

    def get(self, request: HttpRequest) -> HttpResponse:
        permitted = viewable(request.user)
        chosen = request.GET.getlist("parts")
        if not set(chosen) <= set(permitted):
            raise PermissionDenied
        if not chosen:
            messages.error(request, _("Choose at least one part to export."))
            return redirect(PAGE)
        layout = {"indent": 2, "ensure_ascii": False}
        response = JsonResponse(export_document(chosen), json_dumps_params=layout)
        name = f"salesforce-set-up-{timezone.localdate().isoformat()}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store"
        return response


class ConfigView(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """Offers an export; takes a document, shows what it would change, and then changes it."""

    http_method_names = ["get", "post"]
    permissions = CONFIG
    page_title = gettext_lazy("Export and import")
    header_icon = "download"
    template_name = "wagtail_salesforce/config/config.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        panel = {"url": reverse("wagtail_salesforce:panel"), "label": "Salesforce"}
        above = [panel] if may(self.request.user, *PANEL) else []
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.page_title}]

    @cached_property
    def importable(self) -> list[str]:
        return importable(self.request.user)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Both steps need the right to change some part."""
        if not self.importable:
            raise PermissionDenied
        if request.POST.get("form") == "confirm":
            return self._confirm()
        return self._upload()

    def _upload(self) -> HttpResponse:
        form = UploadForm(self.importable, self.request.POST, self.request.FILES)
        if not form.is_valid():
            messages.error(self.request, _("Nothing was read: please correct what is marked."))
            return self.render_to_response(self.get_context_data(upload=form))
        content, parts = form.cleaned_data["file"], form.cleaned_data["parts"]
        found = preview(content, parts, self.request.user)
        if found.plan is None:
            return self.render_to_response(self.get_context_data(upload=form, refused=found))
        return self._show(found, Waiting(content.decode("utf-8"), parts))

    def _show(self, found: Preview, waiting: Waiting) -> HttpResponse:
        self.template_name = "wagtail_salesforce/config/preview.html"
        sealed = waiting.sealed(self.request.user) if found.may_import else ""
        return self.render_to_response(self.get_context_data(preview=found, sealed=sealed))

    def _confirm(self) -> HttpResponse:
        """Once more from the beginning: only what was shown is carried out."""
        waiting = Waiting.opened(self.request.POST.get("document", ""), self.request.user)
        if waiting is None:
            text = _("Nothing was imported: the page was open too long. Upload the file again.")
            messages.error(self.request, text)
            return redirect(PAGE)
        if not set(waiting.parts) <= set(self.importable):
            raise PermissionDenied
        found = preview(waiting.text, waiting.parts, self.request.user)
        digest = self.request.POST.get("digest", "")
        if found.may_import and found.plan and _carried_out(found.plan, digest, self.request.user):
            return self._done(found.plan)
        return self._again(preview(waiting.text, waiting.parts, self.request.user), waiting)

    def _again(self, found: Preview, waiting: Waiting) -> HttpResponse:
        text = _(
            "Nothing was imported: the set-up has changed since this page was made. Look at the "
            "differences as they are now, then import."
        )
        messages.warning(self.request, text)
        return self._show(found, waiting)

    def _done(self, plan: Plan) -> HttpResponse:
        count = len(plan.changes)
        text = ngettext("%(count)d change was imported.", "%(count)d changes were imported.", count)
        messages.success(self.request, text % {"count": count})
        question = question_after_saving(self.request) if plan.wants_resend else ""
        return redirect(question or PAGE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        parts = viewable(self.request.user)
        context["export"] = ExportForm(parts) if parts else None
        if self.importable:
            context.setdefault("upload", UploadForm(self.importable))
        return context


def _carried_out(plan: Plan, digest: str, user: Any) -> bool:
    """Only what was shown and still fits, looked at once more when nobody else imports."""
    with locked():
        anew = make_plan(plan.document)
        is_right = anew.digest == digest and not problems_of(plan.document)
        if is_right:
            carry_out(anew, user)
        return is_right
