"""The form of a rule on its page: saved, or drawn again by one of the buttons inside it.

The buttons of the form (add a test, move it, try the rule) send the whole form with `edit`. They
answer with the page as entered, or, when the page's script asks, with the part that changed.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from wagtail_salesforce.admin import scores_condition_tree as tree
from wagtail_salesforce.admin.scores_access import NAMESPACE
from wagtail_salesforce.admin.scores_activity_rule_form import ActivityRuleForm
from wagtail_salesforce.admin.scores_attribute_rule_form import AttributeRuleForm
from wagtail_salesforce.admin.scores_condition_rule_form import ConditionRuleForm
from wagtail_salesforce.admin.scores_rule_forms import RuleForm
from wagtail_salesforce.admin.scores_rule_mixin import RuleMixin
from wagtail_salesforce.admin.scores_try import trial, try_form
from wagtail_salesforce.admin.scores_words import known_to, purpose, sentence
from wagtail_salesforce.scoring.models import Rule


FORMS: dict[str, type[RuleForm]] = {
    Rule.Kind.ACTIVITY: ActivityRuleForm,
    Rule.Kind.ATTRIBUTE: AttributeRuleForm,
    Rule.Kind.CONDITION: ConditionRuleForm,
}
EDIT = "edit"
TRY, ADD_PAGE = "try", "add-page"


class RuleEditing(RuleMixin):
    """What adding and changing a rule share."""

    # What the generic view brings along.
    request: HttpRequest
    object: Any
    form: RuleForm

    @property
    def kind(self) -> str:
        """The kind of rule."""
        raise NotImplementedError

    def get_form_class(self) -> type[RuleForm]:
        return FORMS[self.kind]

    def get_page_subtitle(self) -> str:
        return purpose(self.kind).title

    def form_valid(self, form: RuleForm) -> Any:
        response = super().form_valid(form)  # type: ignore[misc]
        self.ask_for_recalculation()
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if EDIT not in request.POST:
            return super().post(request, *args, **kwargs)  # type: ignore[misc]
        self.object = self.stored_rule()
        return self._draw_again(request.POST[EDIT])

    def stored_rule(self) -> Rule | None:
        """The rule that is edited, or None for a new one."""
        raise NotImplementedError

    def _draw_again(self, action: str) -> HttpResponse:
        if action == TRY:
            return self._tried()
        form = self.get_form()  # type: ignore[attr-defined]
        if isinstance(form, ConditionRuleForm) and action != ADD_PAGE:
            return self._condition_changed(form, action)
        return self._page(self._unbound(form))

    def _unbound(self, form: RuleForm, **more: Any) -> RuleForm:
        """The form with what was entered, but without errors: nobody asked to save it."""
        return type(form)(
            initial=form.entered(), instance=form.instance, for_user=self.request.user, **more
        )

    def _condition_changed(self, form: RuleForm, action: str) -> HttpResponse:
        group = tree.from_post(self.request.POST)
        focus = tree.edit(group, action)
        changed = self._unbound(form, group=group)
        changed.focus = focus
        return self._page(changed, "wagtail_salesforce/scores/condition.html")

    def _tried(self) -> HttpResponse:
        named = try_form(self.request.user, self.request.POST)
        if named is None:
            raise PermissionDenied
        kwargs = self.get_form_kwargs()  # type: ignore[attr-defined]
        form = self.get_form_class()(**kwargs, draft=True)
        context = {"try_form": named, "trial": trial(self.score, form, named)}
        return self._page(form, "wagtail_salesforce/scores/try_result.html", **context)

    def _page(self, form: RuleForm, part: str = "", **more: Any) -> HttpResponse:
        """The whole page, or the part of it that the page's script asked for."""
        if part and self.request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return render(self.request, part, {"form": form, "score": self.score, **more})
        # Where the generic view of Wagtail 8 takes it from.
        self.form = form
        context = self.get_context_data(form=form) | {"has_unsaved_changes": True}
        return self.render_to_response(context | more)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        form = context["form"]
        rule = form.instance
        settled = form.is_valid() if form.is_bound else bool(rule.pk or rule.name)
        told = sentence(rule, known_to([rule])) if settled else ""
        address = reverse(f"{NAMESPACE}:rule_sentence", args=[self.score.pk, self.kind])
        return context | {
            "score": self.score,
            "kind": self.kind,
            "purpose": purpose(self.kind),
            "sentence": told,
            "sentence_url": f"{address}?rule={rule.pk}" if rule.pk else address,
            "choices": json.dumps(form.subjects.choices),
            "try_form": try_form(self.request.user),
        }
