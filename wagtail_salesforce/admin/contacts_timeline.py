"""What a contact did, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from wagtail.admin.paginator import WagtailPaginator

from wagtail_salesforce.admin.contacts_details import in_words
from wagtail_salesforce.admin.form_connections_pages import page_titles
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.replication.shortened import ACTIVITY_TYPE as SHORTENED


PER_PAGE = 20
ICONS = {"form_submission": "form", "page_visit": "view", SHORTENED: "warning"}


@dataclass(frozen=True)
class Event:
    """One activity as the timeline shows it."""

    activity: Activity
    type_label: str
    page_title: str
    value: str
    icon: str


def timeline(contact: Contact, request: HttpRequest) -> dict[str, Any]:
    """The template's variables: the page's events, the types to filter by, the pagination."""
    labels = activity_types.labels()
    activities = Activity.objects.filter(contact=contact)
    types = _types(activities, labels)
    chosen = request.GET.get("type", "")
    if chosen in dict(types):
        activities = activities.filter(type=chosen)
    paginator = WagtailPaginator(activities, PER_PAGE)
    page = paginator.get_page(request.GET.get("p"))
    return {
        "events": events(page.object_list, labels),
        "types": types,
        "chosen_type": chosen,
        "page_obj": page,
        "elided_page_range": paginator.get_elided_page_range(page.number),
    }


def _types(activities: Any, labels: dict[str, str]) -> list[tuple[str, str]]:
    """The types of what the contact did, by their labels; none to choose when it is one only."""
    names = activities.order_by().values_list("type", flat=True).distinct()
    types = sorted(((name, labels.get(name, name)) for name in names), key=lambda pair: pair[1])
    return types if len(types) > 1 else []


def events(activities: Any, labels: dict[str, str]) -> list[Event]:
    """Activities with the words of their types and pages, looked up together."""
    found = list(activities)
    titles = page_titles({activity.page_id for activity in found})
    return [_event(activity, labels, titles) for activity in found]


def _event(activity: Activity, labels: dict[str, str], titles: dict[int, str]) -> Event:
    return Event(
        activity,
        labels.get(activity.type, activity.type),
        titles.get(activity.page_id or 0, ""),
        "" if activity.value is None else in_words(activity.value),
        ICONS.get(activity.type, "tick-inverse"),
    )


def activity_type_labels() -> dict[str, str]:
    """The labels of what contacts do, by name: without the notes that replication adds."""
    labels = activity_types.labels()
    labels.pop(SHORTENED, None)
    return labels
