"""What the forms of all kinds of rules share."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.admin.scores_subjects import Subjects
from wagtail_salesforce.exceptions import Problem
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.validate import rule_problems


class RuleForm(WagtailAdminModelForm):
    """The name and the points. `places` says which form field a problem's path belongs to.

    A draft is a rule on its way: it is described and tried, and needs no name yet.
    """

    places: dict[str, str] = {"points": "points"}
    fields: dict[str, Any]
    initial: dict[str, Any]

    class Meta(WagtailAdminModelForm.Meta):
        model = Rule
        fields = ["name", "points"]

    def __init__(self, *args: Any, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        self.fields["name"].required = not draft
        self.fields["name"].help_text = _("Shown beside the points of a contact.")
        self.fields["points"].help_text = _("Negative points take away.")

    @cached_property
    def subjects(self) -> Subjects:
        return Subjects.load()

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        others = Rule.objects.filter(score=self.instance.score_id).exclude(pk=self.instance.pk)
        if not self.draft and others.filter(name=name).exists():
            raise ValidationError(_("Another rule of this score has this name. Choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            self.fill(self.instance, cleaned)
        if not self.errors:
            for problem in rule_problems(self.instance, self.subjects.types):
                self.complain(problem)
        return cleaned

    def fill(self, rule: Rule, cleaned: dict[str, Any]) -> None:
        """Put what was entered into the rule, so that it can be checked as a whole."""
        rule.name, rule.points = cleaned["name"], cleaned["points"]

    def complain(self, problem: Problem) -> None:
        """Show a problem beside its field."""
        self.add_error(self.places.get(problem.path), problem.message)

    def entered(self) -> dict[str, Any]:
        """What was entered into the fields of a bound form, as initial values of another."""
        values: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            values[name] = value
        return values
