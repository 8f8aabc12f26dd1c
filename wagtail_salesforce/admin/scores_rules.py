"""Adding, changing and deleting the rules of a score."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.scores_access import NAMESPACE, rule_url, score_url
from wagtail_salesforce.admin.scores_attribute_rule_form import AttributeRuleForm
from wagtail_salesforce.admin.scores_rule_forms import (
    ActivityRuleForm,
    ConditionRuleForm,
    RuleForm,
)
from wagtail_salesforce.admin.scores_words import known_to, sentence
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.recalculate import request_recalculation


FORMS: dict[str, type[RuleForm]] = {
    Rule.Kind.ACTIVITY: ActivityRuleForm,
    Rule.Kind.ATTRIBUTE: AttributeRuleForm,
    Rule.Kind.CONDITION: ConditionRuleForm,
}
#: What the admin can add; condition rules come from configuration documents.
ADDED = (Rule.Kind.ACTIVITY, Rule.Kind.ATTRIBUTE)


class RuleMixin:
    """Rules belong to their score: whoever may change the score may change them."""

    model = Rule
    permission_policy = ModelPermissionPolicy(Score)
    permission_required = "change"
    template_name = "wagtail_salesforce/scores/rule.html"
    header_icon = "crosshairs"

    @cached_property
    def score(self) -> Score:
        return get_object_or_404(Score, pk=self.kwargs["score_pk"])  # type: ignore[attr-defined]

    def get_queryset(self) -> Any:
        return Rule.objects.filter(score=self.score)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *generic.IndexView.breadcrumbs_items,
            {"url": reverse(f"{NAMESPACE}:index"), "label": _("Scores")},
            {"url": score_url(self.score), "label": str(self.score)},
            {"url": "", "label": self.page_title},  # type: ignore[attr-defined]
        ]

    def get_success_url(self) -> str:
        return score_url(self.score)

    def get_success_buttons(self) -> list[Any]:
        return []

    def recalculate(self) -> None:
        """The points of everybody follow the rules, in the background."""
        request_recalculation(self.score)
        messages.info(
            self.request,  # type: ignore[attr-defined]
            _("The points are recalculated in the background. Until then the old ones count."),
        )


class RuleFormMixin(RuleMixin):
    """What adding and changing a rule share."""

    def get_form_class(self) -> type[RuleForm]:
        return FORMS[self.kind]  # type: ignore[attr-defined]

    def form_valid(self, form: RuleForm) -> Any:
        response = super().form_valid(form)  # type: ignore[misc]
        self.recalculate()
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        rule = context["form"].instance
        return context | {
            "score": self.score,
            "kind": self.kind,  # type: ignore[attr-defined]
            "sentence": sentence(rule, known_to([rule])) if rule.pk else "",
            "sentence_url": reverse(f"{NAMESPACE}:rule_sentence", args=self.sentence_args),  # type: ignore[attr-defined]
        }


class RuleAddView(RuleFormMixin, generic.CreateView):
    """A new rule of a kind that the address names."""

    page_title = gettext_lazy("New rule")
    submit_button_label = gettext_lazy("Add rule")
    success_message = gettext_lazy("The rule “%(object)s” was added.")

    @cached_property
    def kind(self) -> str:
        if self.kwargs["kind"] not in ADDED:
            raise Http404
        return self.kwargs["kind"]

    @property
    def sentence_args(self) -> list[Any]:
        return [self.score.pk, self.kind]

    def get_page_subtitle(self) -> str:
        if self.kind == Rule.Kind.ACTIVITY:
            return _("Points for what people do")
        return _("Points for who people are")

    def get_initial_form_instance(self) -> Rule:
        return Rule(score=self.score, kind=self.kind)

    def get_add_url(self) -> str:
        return reverse(f"{NAMESPACE}:rule_add", args=[self.score.pk, self.kind])


class RuleEditView(RuleFormMixin, generic.EditView):
    """An existing rule."""

    page_title = gettext_lazy("Edit rule")
    success_message = gettext_lazy("The rule “%(object)s” was saved.")

    @property
    def kind(self) -> str:
        return self.object.kind

    @property
    def sentence_args(self) -> list[Any]:
        return [self.score.pk, self.kind]

    def get_edit_url(self) -> str:
        return rule_url(self.object)

    @cached_property
    def can_delete(self) -> bool:
        return True

    def get_delete_url(self) -> str:
        return rule_url(self.object, "rule_delete")


class RuleDeleteView(RuleMixin, generic.DeleteView):
    """Asks once more before a rule goes, and with it its points."""

    template_name = "wagtailadmin/generic/confirm_delete.html"
    page_title = gettext_lazy("Delete rule")
    success_message = gettext_lazy("The rule “%(object)s” was deleted.")

    @property
    def confirmation_message(self) -> str:
        return _("Delete this rule? The points it gives are taken away from all contacts.")

    def get_delete_url(self) -> str:
        return rule_url(self.object, "rule_delete")

    def get_success_message(self) -> str:
        return str(self.success_message) % {"object": self.object}

    def delete_action(self) -> None:
        super().delete_action()
        self.recalculate()


class RuleSentence(RuleMixin, PermissionCheckedMixin, View):
    """What the rule on the page would do, as JSON; saves nothing."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, score_pk: int, kind: str) -> JsonResponse:
        if kind not in FORMS:
            raise Http404
        form = FORMS[kind](request.POST, instance=self.rule(kind), for_user=request.user)
        # The rule need not have its name yet to say what it does.
        form.fields["name"].required = False
        text = sentence(form.instance, known_to([form.instance])) if form.is_valid() else ""
        return JsonResponse({"sentence": text})

    def rule(self, kind: str) -> Rule:
        """The stored rule for what its form does not show, or a new one."""
        number = self.request.GET.get("rule", "")
        stored = self.get_queryset().filter(pk=number if number.isdecimal() else 0).first()
        return stored or Rule(score=self.score, kind=kind)
