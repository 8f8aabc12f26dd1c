"""Contacts → Inactive contacts: the rule that deletes them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import log

from wagtail_salesforce.admin.contacts_access import ERASE
from wagtail_salesforce.admin.menus import PermittedMenuItem
from wagtail_salesforce.admin.permissions import PermissionRequiredMixin
from wagtail_salesforce.contacts.inactive import KIND, inactive_contacts
from wagtail_salesforce.contacts.models import InactiveContactRule
from wagtail_salesforce.contacts.models.inactive import FEWEST_DAYS, MOST_DAYS
from wagtail_salesforce.jobs.models import latest_job


NAMESPACE = "wagtail_salesforce_inactive"

#: What decides who is deleted; also what the audit log keeps of a change.
DECIDING = ("enabled", "days", "only_anonymous", "with_leads")


class InactiveRuleForm(forms.ModelForm):
    """The rule. One sentence names both limits of the days."""

    days = forms.IntegerField(
        label=gettext_lazy("Days without activity"),
        help_text=gettext_lazy(
            "A contact without any activity counts from the day it was created."
        ),
        min_value=FEWEST_DAYS,
        max_value=MOST_DAYS,
        error_messages={
            "required": gettext_lazy("Enter a number of days."),
            "invalid": gettext_lazy("Enter a whole number of days, such as 365."),
            "min_value": gettext_lazy("Enter %(limit_value)s days or more."),
            "max_value": gettext_lazy("Enter at most %(limit_value)s days."),
        },
    )

    class Meta:
        model = InactiveContactRule
        fields = DECIDING


class InactiveRuleView(PermissionRequiredMixin, WagtailAdminTemplateMixin, FormView):
    """Shows and changes the rule, and whom it would delete now.

    To switch it on, or to change it while it is on, the number of contacts has to be confirmed.
    """

    permissions = (ERASE,)
    form_class = InactiveRuleForm
    template_name = "wagtail_salesforce/inactive/rule.html"
    page_title = gettext_lazy("Inactive contacts")
    header_icon = "history"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": InactiveContactRule.load()}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def form_valid(self, form: InactiveRuleForm) -> HttpResponse:
        rule = form.instance
        if "count" in self.request.POST:
            return self._shown(form)
        unconfirmed = self.request.POST.get("confirmed") != fingerprint(rule)
        if rule.enabled and form.has_changed() and unconfirmed and _found(rule):
            return self._shown(form, confirm=fingerprint(rule))
        rule.save()
        self._log(rule, form.changed_data)
        messages.success(self.request, self._said(rule))
        return redirect(f"{NAMESPACE}:rule")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "found" not in context and not context["form"].is_bound:
            context["found"] = _found(context["form"].instance)
        stored = InactiveContactRule.load()
        return context | {"stored": stored, "job": latest_job(KIND)}

    def _shown(self, form: InactiveRuleForm, **context: Any) -> HttpResponse:
        found = _found(form.instance)
        return self.render_to_response(self.get_context_data(form=form, found=found, **context))

    def _log(self, rule: InactiveContactRule, changed: list[str]) -> None:
        if changed:
            data = {name: getattr(rule, name) for name in DECIDING}
            log(rule, "wagtail_salesforce.change_inactive_rule", user=self.request.user, data=data)

    def _said(self, rule: InactiveContactRule) -> str:
        if rule.enabled:
            return _("Saved. The daily check deletes the contacts that are inactive by then.")
        return _("Saved. No contacts are deleted by the rule.")


def fingerprint(rule: InactiveContactRule) -> str:
    """What somebody confirms: changed values have to be confirmed anew."""
    return "-".join(str(int(getattr(rule, name))) for name in DECIDING)


def _found(rule: InactiveContactRule) -> int:
    return inactive_contacts(rule).count()


class InactiveViewSet(ViewSet):
    """The page in the menu Contacts, for those who may erase contacts."""

    name = NAMESPACE
    url_prefix = "salesforce/inactive-contacts"
    icon = "history"
    menu_label = gettext_lazy("Inactive contacts")
    menu_name = "salesforce-inactive-contacts"

    def get_urlpatterns(self) -> list[Any]:
        return [path("", InactiveRuleView.as_view(), name="rule")]

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        return PermittedMenuItem(
            self.menu_label,
            self.menu_url,
            name=self.menu_name,
            icon_name=self.icon,
            order=order,
            permissions=(ERASE,),
        )
