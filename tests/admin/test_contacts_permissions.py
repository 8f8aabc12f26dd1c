"""Who may open, and who may send, every page of the Contacts menu."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of
from tests.first_data import put_back
from tests.forms_site import form_page
from wagtail_salesforce.admin.companies_membership import Standing, save_member
from wagtail_salesforce.contacts.models import (
    ActivityType,
    Attribute,
    Company,
    CompanyMembership,
    Contact,
    FormConnection,
)
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db

CONTACTS = "wagtail_salesforce_contacts"
COMPANIES = "wagtail_salesforce_companies"
ATTRIBUTES = "wagtail_salesforce_attributes"
TYPES = "wagtail_salesforce_activity_types"
FORMS = "wagtail_salesforce_form_connections"
SCORES = "wagtail_salesforce_scores"

#: Bulk actions and the permission that each needs beside that of seeing contacts.
BULK = {
    "add_activity": "change_contact",
    "require": "replicate_contact",
    "require_not": "replicate_contact",
    "exclude": "replicate_contact",
    "include": "replicate_contact",
    "erase": "erase_contact",
}

#: (page, permission or permissions that open it, permissions that do not).
PAGES = [
    (f"{CONTACTS}:index", "view_contact", ["add_contact", "delete_contact", "export_contact"]),
    (f"{CONTACTS}:index_results", "view_contact", ["add_contact", "view_company"]),
    (f"{CONTACTS}:inspect", "view_contact", ["add_contact", "delete_contact", "view_score"]),
    (f"{CONTACTS}:inspect", "change_contact", ["replicate_contact"]),
    (f"{CONTACTS}:add", "add_contact", ["view_contact", "change_contact"]),
    (f"{CONTACTS}:edit", "change_contact", ["view_contact", "add_contact", "delete_contact"]),
    (f"{CONTACTS}:delete", ["erase_contact", "view_contact"], ["view_contact", "delete_contact"]),
    (f"{CONTACTS}:delete", ["erase_contact", "change_contact"], ["erase_contact"]),
    (f"{CONTACTS}:history", "view_contact", ["add_contact", "delete_contact", "erase_contact"]),
    (f"{CONTACTS}:history", "change_contact", ["view_company"]),
    (f"{CONTACTS}:suggestions", "view_contact", ["add_contact", "change_company"]),
    (f"{CONTACTS}:export_person", ["view_contact", "export_contact"], ["view_contact"]),
    (f"{CONTACTS}:export_person", ["change_contact", "export_contact"], ["export_contact"]),
    (f"{CONTACTS}:merge_choose", ["view_contact", "merge_contact"], ["view_contact"]),
    (f"{CONTACTS}:merge_choose", ["change_contact", "merge_contact"], ["merge_contact"]),
    (f"{CONTACTS}:merge", ["view_contact", "merge_contact"], ["change_contact", "add_contact"]),
    (f"{CONTACTS}:merge", ["view_contact", "merge_contact"], ["merge_contact"]),
    *[
        (f"bulk:{action}", ["view_contact", permission], others)
        for action, permission in BULK.items()
        for others in (["view_contact", *(set(BULK.values()) - {permission})], [permission])
        if not (permission == "change_contact" and others == [permission])
    ],
    (f"{COMPANIES}:index", "view_company", ["view_contact"]),
    (f"{COMPANIES}:inspect", "view_company", ["change_contact"]),
    (f"{COMPANIES}:add", "add_company", ["view_company", "change_company"]),
    (f"{COMPANIES}:edit", "change_company", ["view_company", "add_company"]),
    (f"{COMPANIES}:delete", "delete_company", ["change_company"]),
    (f"{ATTRIBUTES}:index", "change_attribute", ["view_contact", "change_contact"]),
    (f"{ATTRIBUTES}:add", "add_attribute", ["change_attribute"]),
    (f"{ATTRIBUTES}:edit", "change_attribute", ["add_attribute"]),
    (f"{ATTRIBUTES}:delete", "delete_attribute", ["change_attribute"]),
    (f"{TYPES}:index", "change_activitytype", ["change_attribute"]),
    (f"{TYPES}:add", "add_activitytype", ["change_activitytype"]),
    (f"{TYPES}:edit", "change_activitytype", ["add_activitytype"]),
    (f"{TYPES}:delete", "delete_activitytype", ["change_activitytype"]),
    (f"{FORMS}:index", "view_formconnection", ["change_contact"]),
    (f"{FORMS}:inspect", "view_formconnection", ["change_score"]),
    (f"{FORMS}:add", "add_formconnection", ["view_formconnection", "change_formconnection"]),
    (f"{FORMS}:delete", "delete_formconnection", ["change_formconnection"]),
    (f"{SCORES}:index", "view_score", ["view_contact"]),
    (f"{SCORES}:inspect", "view_score", ["view_contact", "change_contact"]),
    (f"{SCORES}:add", "add_score", ["change_score"]),
    (f"{SCORES}:edit", "change_score", ["view_score", "add_score"]),
    (f"{SCORES}:delete", "delete_score", ["change_score"]),
    (f"{SCORES}:contacts", ["view_contact", "view_score"], ["view_score", "change_score"]),
    (f"{SCORES}:contacts_results", ["view_contact", "view_score"], ["view_contact"]),
    (f"{SCORES}:rule_add", "change_score", ["view_score", "add_score"]),
    (f"{SCORES}:rule_edit", "change_score", ["view_score", "delete_score"]),
    (f"{SCORES}:rule_delete", "change_score", ["view_score", "delete_score"]),
]

#: (address of a POST, permissions that let it through, permissions that do not).
POSTS = [
    (f"{CONTACTS}:add", ["add_contact"], ["view_contact", "change_contact", "delete_contact"]),
    (f"{CONTACTS}:edit", ["change_contact"], ["view_contact", "add_contact", "delete_contact"]),
    (
        f"{CONTACTS}:delete",
        ["erase_contact", "view_contact"],
        ["view_contact", "change_contact", "delete_contact"],
    ),
    (f"{CONTACTS}:merge_choose", ["view_contact", "merge_contact"], ["view_contact"]),
    (f"{CONTACTS}:merge", ["view_contact", "merge_contact"], ["view_contact", "change_contact"]),
    (f"{CONTACTS}:merge", ["change_contact", "merge_contact"], ["merge_contact"]),
    *[
        (f"bulk:{action}", ["view_contact", permission], others)
        for action, permission in BULK.items()
        for others in (["view_contact", *(set(BULK.values()) - {permission})], [permission])
        if not (permission == "change_contact" and others == [permission])
    ],
    (f"{COMPANIES}:add", ["add_company"], ["change_company"]),
    (f"{COMPANIES}:edit", ["change_company"], ["view_company", "add_company"]),
    (f"{COMPANIES}:delete", ["delete_company"], ["change_company"]),
    (f"{COMPANIES}:inspect", ["change_company", "view_contact"], ["change_company"]),
    (f"{COMPANIES}:inspect", ["change_company", "view_contact"], ["view_company", "view_contact"]),
    (f"{COMPANIES}:remove_member", ["change_company", "view_contact"], ["change_company"]),
    (f"{COMPANIES}:remove_member", ["change_company", "view_contact"], ["change_contact"]),
    (f"{ATTRIBUTES}:add", ["add_attribute"], ["change_attribute"]),
    (f"{ATTRIBUTES}:edit", ["change_attribute"], ["add_attribute"]),
    (f"{ATTRIBUTES}:delete", ["delete_attribute"], ["change_attribute"]),
    (f"{TYPES}:add", ["add_activitytype"], ["change_activitytype"]),
    (f"{TYPES}:edit", ["change_activitytype"], ["add_activitytype"]),
    (f"{TYPES}:delete", ["delete_activitytype"], ["change_activitytype"]),
    (f"{FORMS}:delete", ["delete_formconnection"], ["change_formconnection"]),
    (f"{FORMS}:try_again", ["change_formconnection"], ["add_formconnection", "change_contact"]),
    (f"{SCORES}:add", ["add_score"], ["change_score"]),
    (f"{SCORES}:edit", ["change_score"], ["view_score", "add_score"]),
    (f"{SCORES}:delete", ["delete_score"], ["change_score"]),
    (f"{SCORES}:recalculate", ["change_score"], ["view_score", "add_score"]),
    (f"{SCORES}:rule_add", ["change_score"], ["view_score", "add_score"]),
    (f"{SCORES}:rule_edit", ["change_score"], ["view_score", "delete_score"]),
    (f"{SCORES}:rule_delete", ["change_score"], ["view_score", "delete_score"]),
    (f"{SCORES}:rule_sentence", ["change_score"], ["view_score"]),
]


@pytest.fixture(scope="module")
def addresses(module_rows):
    """The address of every page, by its name."""
    put_back()
    contact = Contact.objects.create(email="ada@example.com", last_name="Lovelace")
    other = Contact.objects.create(email="ada@example.org")
    company = Company.objects.create(name="Engines")
    save_member(company, contact, "", Standing.ORDINARY)
    score = Score.objects.create(name="Sales")
    rule = Rule.objects.create(
        score=score, name="Any", kind="activity", activity_type="form_submission", points=1
    )
    connection = FormConnection.objects.create(
        name="Quote", page_id=form_page().pk, fields={"your_email": {"field": "email"}}
    )
    own = {
        CONTACTS: contact.pk,
        COMPANIES: company.pk,
        ATTRIBUTES: Attribute.objects.create(name="licences", label="Licences").pk,
        TYPES: ActivityType.objects.create(name="purchase", label="Purchase").pk,
        FORMS: connection.pk,
        SCORES: score.pk,
    }
    plain = ("index", "index_results", "add", "suggestions", "try_again")

    def of(page):
        namespace, _colon, name = page.partition(":")
        if namespace == "bulk":
            return f"/admin/bulk/wagtail_salesforce/contact/{name}/?id={contact.pk}"
        return reverse(page, args=numbers(namespace, name))

    def numbers(namespace, name):
        if name in plain:
            return []
        return {
            "remove_member": [company.pk, contact.pk],
            "merge": [contact.pk, other.pk],
            "rule_add": [score.pk, "activity"],
            "rule_sentence": [score.pk, "activity"],
            "rule_edit": [score.pk, rule.pk],
            "rule_delete": [score.pk, rule.pk],
        }.get(name, [own[namespace]])

    return of


def refused(response):
    """Wagtail answers a refusal with its home page and a message."""
    return response.status_code == 302 and response.url == reverse("wagtailadmin_home")


@pytest.mark.parametrize(("page", "opens", "others"), PAGES)
def test_a_page_opens_for_its_permission_only(addresses, page, opens, others):
    url = addresses(page)
    opens = [opens] if isinstance(opens, str) else opens
    assert client_of(*opens).get(url).status_code == 200
    assert refused(client_of(*others).get(url))
    assert refused(client_of().get(url))


@pytest.mark.parametrize(("page", "opens", "others"), POSTS)
def test_a_post_goes_through_for_its_permissions_only(addresses, page, opens, others):
    url = addresses(page)
    before = everything()
    assert refused(client_of(*others).post(url, {}))
    assert refused(client_of().post(url, {}))
    assert everything() == before
    assert not refused(client_of(*opens).post(url, {}))


def everything():
    """What is stored, to see that nothing was changed."""
    models = (
        Contact,
        Company,
        CompanyMembership,
        Attribute,
        ActivityType,
        FormConnection,
        Score,
        Rule,
        ModelLogEntry,
    )
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_stranger_has_to_log_in(addresses):
    for page, _opens, _others in PAGES:
        response = Client().get(addresses(page))
        assert response.status_code == 302
        assert response.url.startswith(reverse("wagtailadmin_login"))


def menu_of(*permissions):
    page = client_of(*permissions).get(reverse("wagtailadmin_home")).content.decode()
    return {
        name
        for name in (
            "salesforce-contacts",
            "salesforce-companies",
            "salesforce-attributes",
            "salesforce-activity-types",
            "salesforce-form-connections",
            "salesforce-scores",
            "salesforce-contacts-group",
        )
        if f'"{name}"' in page
    }


def test_the_menu_shows_what_may_be_opened():
    assert menu_of() == set()
    assert menu_of("add_contact") == set()
    assert menu_of("view_contact") == {"salesforce-contacts", "salesforce-contacts-group"}
    assert menu_of("change_score") == {"salesforce-scores", "salesforce-contacts-group"}


def test_the_permissions_can_be_given_to_groups():
    """They stand in Wagtail's form of a group."""
    from wagtail import hooks

    registered = set()
    for function in hooks.get_hooks("register_permissions"):
        registered |= set(function().values_list("codename", flat=True))
    assert registered >= {
        "view_contact",
        "export_contact",
        "replicate_contact",
        "change_company",
        "add_attribute",
        "delete_formconnection",
        "change_score",
    }


def test_contacts_have_no_chooser_and_no_usage_page():
    """Wagtail's choosers check no permission, and the reference index need not know people."""
    from django.urls import get_resolver
    from wagtail.models import ReferenceIndex

    patterns = str(get_resolver().reverse_dict) + str(get_resolver().namespace_dict.keys())
    assert "wagtailsnippets_wagtail_salesforce_contact" not in patterns
    assert Contact not in ReferenceIndex.indexed_models
    with pytest.raises(Exception, match="usage"):
        reverse(f"{CONTACTS}:usage", args=[1])
    with pytest.raises(Exception, match="copy"):
        reverse(f"{CONTACTS}:copy", args=[1])
