"""Contacts → Activity types: kinds of things that contacts do, beside the built-in ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.views import generic

from wagtail_salesforce.admin.contacts_base import DeleteUnusedView, QuietViewSet
from wagtail_salesforce.admin.contacts_timeline import activity_type_labels
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.models import ActivityType, FormConnection
from wagtail_salesforce.scoring.models import Rule


class ActivityTypeForm(WagtailAdminModelForm):
    """An activity type; its name never changes, as activities and rules refer to it."""

    class Meta(WagtailAdminModelForm.Meta):
        model = ActivityType
        fields = ["label", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].help_text = _("What editors read, such as “Quote requested”.")
        self.fields["name"].help_text = _(
            "How form connections, rules and code refer to it. It cannot be changed later."
        )
        if self.instance.pk:
            self.fields["name"].disabled = True
            self.fields["name"].help_text = _("The name cannot be changed.")


def uses(activity_type: ActivityType) -> Iterator[str]:
    """What refers to the activity type, as phrases for a list."""
    for connection in FormConnection.objects.filter(activity_type=activity_type.name):
        yield _("the form connection “%(name)s”") % {"name": connection.name}
    rules = Rule.objects.filter(kind=Rule.Kind.ACTIVITY, activity_type=activity_type.name)
    for rule in rules.select_related("score"):
        yield _("the rule “%(rule)s” of the score “%(score)s”") % {
            "rule": rule.name,
            "score": rule.score.name,
        }


class ActivityTypeListView(generic.IndexView):
    """The site's own types; the built-in ones are named above the list."""

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        labels = activity_type_labels().items()
        built_in = [label for name, label in labels if activity_types.is_registered(name)]
        return context | {"built_in": built_in}


class ActivityTypeDeleteView(DeleteUnusedView):
    """Refuses while rules or form connections refer to the type."""

    @cached_property
    def uses(self) -> list[str]:
        return list(uses(self.object))


class ActivityTypeViewSet(QuietViewSet):
    """Editor-defined activity types."""

    model = ActivityType
    form_class = ActivityTypeForm
    url_prefix = "salesforce/activity-types"
    url_namespace = "wagtail_salesforce_activity_types"
    menu_label = gettext_lazy("Activity types")
    menu_name = "salesforce-activity-types"
    icon = "tasks"
    index_results_template_name = "wagtail_salesforce/contacts/activity_types_results.html"
    inspect_view_enabled = False
    list_display = ["label", "name"]
    search_fields = ["label", "name"]
    ordering = "label"
    index_view_class = ActivityTypeListView
    delete_view_class = ActivityTypeDeleteView
