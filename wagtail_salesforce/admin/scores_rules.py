"""Adding, changing and deleting the rules of a score."""

from __future__ import annotations

from django.forms import model_to_dict
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from wagtail_salesforce.admin.scores_access import NAMESPACE, rule_url
from wagtail_salesforce.admin.scores_rule_editing import FORMS, RuleEditing
from wagtail_salesforce.admin.scores_rule_mixin import RuleMixin
from wagtail_salesforce.admin.scores_words import known_to, sentence
from wagtail_salesforce.scoring.models import Rule


class RuleAddView(RuleEditing, generic.CreateView):
    """A new rule of a kind that the address names; `?copy=` begins with another rule's values."""

    page_title = gettext_lazy("New rule")
    submit_button_label = gettext_lazy("Add rule")
    success_message = gettext_lazy("The rule “%(object)s” was added.")

    @property
    def kind(self) -> str:
        if self.kwargs["kind"] not in FORMS:
            raise Http404
        return self.kwargs["kind"]

    def stored_rule(self) -> None:
        return None

    def get_initial_form_instance(self) -> Rule:
        return self.copied or Rule(score=self.score, kind=self.kind)

    @cached_property
    def copied(self) -> Rule | None:
        """A new rule with the values of the one that is copied, and a name that is free."""
        number = self.request.GET.get("copy", "")
        number = number if number.isdecimal() and len(number) < 19 else "0"
        original = self.get_queryset().filter(pk=number, kind=self.kind).first()
        if original is None:
            return None
        columns = [field.name for field in Rule._meta.fields if field.editable]
        values = model_to_dict(original, fields=columns) | {"score": self.score}
        return Rule(**(values | {"name": self._free_name(original.name)}))

    def _free_name(self, name: str) -> str:
        taken = set(self.get_queryset().values_list("name", flat=True))
        length = Rule._meta.get_field("name").max_length or 0
        number = 1
        while True:
            end = _(" (copy)") if number == 1 else _(" (copy %(number)s)") % {"number": number}
            candidate = name[: length - len(end)] + end
            if candidate not in taken:
                return candidate
            number += 1

    def get_add_url(self) -> str:
        address = reverse(f"{NAMESPACE}:rule_add", args=[self.score.pk, self.kind])
        query = self.request.GET.urlencode()
        return f"{address}?{query}" if query else address


class RuleEditView(RuleEditing, generic.EditView):
    """An existing rule."""

    page_title = gettext_lazy("Edit rule")
    success_message = gettext_lazy("The rule “%(object)s” was saved.")

    @property
    def kind(self) -> str:
        return self.object.kind

    def stored_rule(self) -> Rule:
        return self.get_object()

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
        return _(
            "Delete this rule? With the next recalculation, the points it gives are taken away "
            "from all contacts."
        )

    def get_delete_url(self) -> str:
        return rule_url(self.object, "rule_delete")

    def get_success_message(self) -> str:
        return str(self.success_message) % {"object": self.object}

    def delete_action(self) -> None:
        super().delete_action()
        self.ask_for_recalculation()


class RuleSentence(RuleMixin, PermissionCheckedMixin, View):
    """What the rule on the page would do, as JSON; saves nothing."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, score_pk: int, kind: str) -> JsonResponse:
        if kind not in FORMS:
            raise Http404
        form = FORMS[kind](
            request.POST, instance=self.rule(kind), for_user=request.user, draft=True
        )
        text = sentence(form.instance, known_to([form.instance])) if form.is_valid() else ""
        return JsonResponse({"sentence": text})

    def rule(self, kind: str) -> Rule:
        """The stored rule for what its form does not show, or a new one."""
        number = self.request.GET.get("rule", "")
        number = number if number.isdecimal() and len(number) < 19 else "0"
        stored = self.get_queryset().filter(pk=number, kind=kind).first()
        return stored or Rule(score=self.score, kind=kind)
