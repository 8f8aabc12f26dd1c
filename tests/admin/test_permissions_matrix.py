"""Who may open and post to which address of the panel, the mappings, the reports and the lead links.

Each right is tried alone, and missing where everything else is there. An address that is not in
the table fails the test: who adds a view says here for whom it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from tests.admin.people import client_of
from tests.first_data import put_back
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Score


pytestmark = pytest.mark.django_db

PANEL = "wagtail_salesforce"
MAPPING = "wagtailsnippets_wagtail_salesforce_mapping"

AUTHORIZE = "authorize_connection"
SETTINGS = "change_replicationsettings"
ADD, CHANGE, DELETE, VIEW = "add_mapping", "change_mapping", "delete_mapping", "view_mapping"
RUN, RUNS, LINKS = "run_replication", "view_run", "view_leadlink"
#: What the panel links to is for other people, who may do nothing here.
REPLICATE, CONTACTS, SCORES = "replicate_contact", "view_contact", "change_score"
RIGHTS = (
    *(AUTHORIZE, SETTINGS, ADD, CHANGE, DELETE, VIEW),
    *(RUN, RUNS, LINKS, REPLICATE, CONTACTS, SCORES),
)

Needs = frozenset[frozenset[str]]


def one_of(*rights: str) -> Needs:
    """Any of the rights will do."""
    return frozenset(frozenset([right]) for right in rights)


def either(*combinations: tuple[str, ...]) -> Needs:
    """All the rights of one of the combinations."""
    return frozenset(frozenset(each) for each in combinations)


ANY_PANEL = one_of(AUTHORIZE, SETTINGS, CHANGE, RUN, RUNS, LINKS)
ANY_MAPPING = one_of(ADD, CHANGE, DELETE, VIEW)
#: Wagtail shows history and usage to those who may change something.
EDITORS = one_of(ADD, CHANGE, DELETE)
#: A copy starts as what may be seen.
COPY = either((ADD, CHANGE), (ADD, VIEW))
#: A preview shows a contact.
PREVIEW = either((ADD, CONTACTS), (CHANGE, CONTACTS))
RESEND = either((RUN, CHANGE), (RUN, SETTINGS))
CONFIG = ANY_PANEL | ANY_MAPPING | one_of(SCORES)

#: For each address: who may GET it, who may POST to it, and what is posted.
TABLE: dict[str, tuple[Needs, Needs, dict[str, str]]] = {
    f"{PANEL}:panel": (ANY_PANEL, frozenset(), {}),
    f"{PANEL}:panel form=access": (ANY_PANEL, one_of(AUTHORIZE), {"form": "access"}),
    f"{PANEL}:panel form=settings": (ANY_PANEL, one_of(SETTINGS), {"form": "settings"}),
    f"{PANEL}:top": (ANY_PANEL, ANY_PANEL, {}),
    f"{PANEL}:callback": (one_of(AUTHORIZE), one_of(AUTHORIZE), {}),
    f"{PANEL}:clear": (one_of(AUTHORIZE), one_of(AUTHORIZE), {}),
    f"{PANEL}:test": (one_of(AUTHORIZE), one_of(AUTHORIZE), {}),
    f"{PANEL}:replicate": (one_of(RUN), one_of(RUN), {}),
    f"{PANEL}:confirm_site": (one_of(AUTHORIZE), one_of(AUTHORIZE), {}),
    f"{PANEL}:start_over": (one_of(AUTHORIZE), one_of(AUTHORIZE), {}),
    f"{PANEL}:mapping_check": (one_of(ADD, CHANGE), one_of(ADD, CHANGE), {}),
    f"{PANEL}:mapping_preview": (one_of(ADD, CHANGE), PREVIEW, {}),
    f"{PANEL}:settings_counts": (one_of(SETTINGS), one_of(SETTINGS), {}),
    f"{PANEL}:description_preview": (one_of(SETTINGS), one_of(SETTINGS), {}),
    f"{PANEL}:resend": (RESEND, RESEND, {}),
    f"{PANEL}:config": (CONFIG, one_of(SETTINGS, ADD, CHANGE, SCORES), {"form": "upload"}),
    f"{PANEL}:config_export parts=settings": (ANY_PANEL, CONFIG, {}),
    f"{PANEL}:config_export parts=mappings": (ANY_MAPPING, CONFIG, {}),
    f"{PANEL}:runs": (one_of(RUNS), one_of(RUNS), {}),
    f"{PANEL}:runs_results": (one_of(RUNS), one_of(RUNS), {}),
    f"{PANEL}:attention": (one_of(LINKS), one_of(LINKS), {}),
    f"{PANEL}:attention_results": (one_of(LINKS), one_of(LINKS), {}),
    f"{PANEL}:link_action": (one_of(REPLICATE), one_of(REPLICATE), {}),
    # A job of somebody else, of a kind that asks for the right to change scores.
    f"{PANEL}:job": (one_of(SCORES), one_of(SCORES), {}),
    f"{PANEL}:job_cancel": (one_of(SCORES), one_of(SCORES), {"next": "/admin/salesforce/"}),
    f"{PANEL}:job_retry": (one_of(SCORES), one_of(SCORES), {"next": "/admin/salesforce/"}),
    f"{MAPPING}:list": (ANY_MAPPING, ANY_MAPPING, {}),
    f"{MAPPING}:list_results": (ANY_MAPPING, ANY_MAPPING, {}),
    f"{MAPPING}:add": (one_of(ADD), one_of(ADD), {}),
    f"{MAPPING}:copy": (COPY, COPY, {}),
    f"{MAPPING}:edit": (one_of(CHANGE), one_of(CHANGE), {}),
    f"{MAPPING}:usage": (one_of(CHANGE), one_of(CHANGE), {}),
    f"{MAPPING}:history": (EDITORS, EDITORS, {}),
    f"{MAPPING}:history_results": (EDITORS, EDITORS, {}),
    # Last, since afterwards there is no mapping any more.
    f"{MAPPING}:delete": (one_of(DELETE), one_of(DELETE), {}),
}


def names() -> Iterator[str]:
    """Every address of the panel and of the mappings that the site has."""
    known = {PANEL, MAPPING}
    for namespace, (_prefix, resolver) in _namespaces(get_resolver()):
        if namespace in known:
            for pattern in resolver.url_patterns:
                yield f"{namespace}:{pattern.name}"


def _namespaces(resolver):
    for namespace, found in resolver.namespace_dict.items():
        yield namespace, found
        yield from _namespaces(found[1])
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns") and not pattern.namespace:
            yield from _namespaces(pattern)


@pytest.fixture
def url_of():
    """The address of a line of the table."""
    put_back()
    mapping = Mapping.objects.create(name="Leads", external_id_field="Web_Contact_ID__c", fields={})
    link = LeadLink.objects.get_or_create(contact=Contact.objects.create(last_name="Doe"))[0]
    score = Score.objects.create(name="Sales")
    job = Job.objects.create(kind="recalculate_score", parameters={"score": score.pk})
    numbers = {
        "link_action": [link.pk, "retry"],
        **{name: [job.pk] for name in ("job", "job_cancel", "job_retry")},
        **dict.fromkeys(("edit", "delete", "usage", "history", "history_results", "copy"), [mapping.pk]),
    }  # fmt: skip

    def url(line: str) -> str:
        name, _blank, query = line.partition(" ")
        own = numbers.get(name.partition(":")[2], [])
        return reverse(name, args=own) + (f"?{query}" if query else "")

    return url


def refused(response) -> bool:
    """Wagtail answers a refusal with its home page and a message."""
    return response.status_code == 302 and response.url == reverse("wagtailadmin_home")


def wrong(client, held, lines, url_of) -> list[str]:
    """Where somebody with these rights gets more or less than the table says."""
    found = []
    for line in lines:
        get, post, data = TABLE[line]
        for method, needs in (("get", get), ("post", post)):
            response = getattr(client, method)(url_of(line), data if method == "post" else {})
            allowed = any(combination <= held for combination in needs)
            assert response.status_code != 404, line
            if refused(response) is allowed:
                found.append(f"{method} {line}: {response.status_code}, should be {allowed=}")
    return found


def test_every_address_is_in_the_table():
    assert set(names()) == {line.partition(" ")[0] for line in TABLE}


@pytest.mark.parametrize("right", [*RIGHTS, ""])
def test_one_right_alone(right, url_of):
    held = frozenset(filter(None, [right]))
    assert wrong(client_of(*held), held, TABLE, url_of) == []


@pytest.mark.parametrize("right", RIGHTS)
def test_everything_but_one_right(right, url_of):
    held = frozenset(RIGHTS) - {right}
    concerned = [
        line
        for line, (get, post, _data) in TABLE.items()
        if any(right in combination for combination in get | post)
    ]
    assert wrong(client_of(*held), held, concerned, url_of) == []


def test_a_visitor_has_to_log_in(url_of):
    for line, (_get, _post, data) in TABLE.items():
        for response in (Client().get(url_of(line)), Client().post(url_of(line), data)):
            assert response.status_code == 302, line
            assert response.url.startswith(reverse("wagtailadmin_login")), line
