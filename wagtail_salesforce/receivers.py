"""The only place where signals are wired, each in the caller's transaction."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.db import connection
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete, pre_save


# Whether the contacts whose points change are marked as due by what goes on already.
_marked_anyway: ContextVar[bool] = ContextVar("contacts_marked_anyway", default=False)


def connect() -> None:
    """Wire the rooms together; called once by the app's `ready()`."""
    from wagtail.models import ModelLogEntry

    from wagtail_salesforce.contacts.models import (
        Activity,
        Attribute,
        Company,
        CompanyMembership,
        Contact,
    )
    from wagtail_salesforce.mapping.models import Mapping
    from wagtail_salesforce.replication.models import ReplicationSettings
    from wagtail_salesforce.scoring.models import Rule, Score
    from wagtail_salesforce.signals import (
        contacts_changed,
        contacts_erasing,
        contacts_merge_foreseen,
        contacts_merging,
        inactive_sparing,
        person_exporting,
        points_changed,
    )

    post_save.connect(form_submitted, dispatch_uid="ws_form_submitted")
    post_save.connect(contact_saved, sender=Contact, dispatch_uid="ws_contact_saved")
    pre_delete.connect(contact_leaves, sender=Contact, dispatch_uid="ws_contact_leaves")
    pre_save.connect(activity_moves, sender=Activity, dispatch_uid="ws_activity_moves")
    post_save.connect(activity_saved, sender=Activity, dispatch_uid="ws_activity_saved")
    post_delete.connect(activity_gone, sender=Activity, dispatch_uid="ws_activity_gone")
    pre_save.connect(attribute_retyped, sender=Attribute, dispatch_uid="ws_attribute_retyped")
    post_delete.connect(attribute_gone, sender=Attribute, dispatch_uid="ws_attribute_gone")
    post_save.connect(company_saved, sender=Company, dispatch_uid="ws_company_saved")
    pre_delete.connect(company_saved, sender=Company, dispatch_uid="ws_company_leaves")
    post_save.connect(membership_changed, sender=CompanyMembership, dispatch_uid="ws_member_saved")
    post_delete.connect(membership_gone, sender=CompanyMembership, dispatch_uid="ws_member_gone")
    post_save.connect(mapping_saved, sender=Mapping, dispatch_uid="ws_mapping_saved")
    post_save.connect(settings_saved, sender=ReplicationSettings, dispatch_uid="ws_settings_saved")
    post_save.connect(score_saved, sender=Score, dispatch_uid="ws_score_saved")
    post_save.connect(rule_changed, sender=Rule, dispatch_uid="ws_rule_saved")
    post_delete.connect(rule_changed, sender=Rule, dispatch_uid="ws_rule_gone")
    pre_save.connect(logged, sender=ModelLogEntry, dispatch_uid="ws_logged")
    post_migrate.connect(migrated, dispatch_uid="ws_migrated")
    contacts_merging.connect(leads_joined, dispatch_uid="ws_leads_joined")
    contacts_merging.connect(points_joined, dispatch_uid="ws_points_joined")
    contacts_merge_foreseen.connect(leads_foreseen, dispatch_uid="ws_leads_foreseen")
    contacts_erasing.connect(points_erased, dispatch_uid="ws_points_erased")
    contacts_erasing.connect(leads_erased, dispatch_uid="ws_leads_erased")
    person_exporting.connect(points_exported, dispatch_uid="ws_points_exported")
    person_exporting.connect(leads_exported, dispatch_uid="ws_leads_exported")
    inactive_sparing.connect(leads_spared, dispatch_uid="ws_leads_spared")
    contacts_changed.connect(score_and_mark, dispatch_uid="ws_score_and_mark")
    points_changed.connect(points_moved, dispatch_uid="ws_points_moved")


def form_submitted(instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Any form submission of the site, whatever its page type, reaches the contacts."""
    from wagtail.contrib.forms.models import AbstractFormSubmission

    from wagtail_salesforce.contacts.forms import capture_submission

    if created and not raw and isinstance(instance, AbstractFormSubmission):
        capture_submission(instance)


def contact_saved(
    instance: Any, created: bool, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    from wagtail_salesforce.contacts.changes import note_change

    if not raw:
        # Inside a transaction, what was written is ours until its end.
        locked = connection.in_atomic_block
        fields = set(update_fields or {"*"})
        anonymous = created and instance.is_anonymous
        note_change(instance.pk, created=created, fields=fields, locked=locked, anonymous=anonymous)


def contact_leaves(instance: Any, **kwargs: Any) -> None:
    """Deleted by whatever way: what remains says nothing of the person."""
    from wagtail_salesforce.contacts.erase import see_to
    from wagtail_salesforce.contacts.leaving import is_seen_to

    if not is_seen_to(instance.pk):
        see_to([(instance.pk, instance.email_key)])


def leads_joined(survivor_id: int, other_id: int, **kwargs: Any) -> None:
    from wagtail_salesforce.replication.joining import join_links

    join_links(survivor_id, other_id)


def points_joined(survivor_id: int, other_id: int, **kwargs: Any) -> None:
    from wagtail_salesforce.scoring.person import keep_reached

    keep_reached(survivor_id, other_id)


def leads_foreseen(survivor_id: int, other_id: int, **kwargs: Any) -> str:
    from wagtail_salesforce.replication.joining import foresee

    return foresee(survivor_id, other_id)


def points_erased(contact_ids: list[int], **kwargs: Any) -> None:
    from wagtail_salesforce.scoring.person import delete_points

    delete_points(contact_ids)


def leads_erased(contact_ids: list[int], delete_leads: bool, **kwargs: Any) -> int:
    from wagtail_salesforce.replication.erasing import bury

    return bury(contact_ids, delete_leads=delete_leads)


def points_exported(contact: Any, document: dict[str, Any], **kwargs: Any) -> None:
    from wagtail_salesforce.scoring.person import points_of

    document["points"] = points_of(contact)


def leads_exported(contact: Any, document: dict[str, Any], **kwargs: Any) -> None:
    from wagtail_salesforce.replication.person import leads_of

    document["leads"] = leads_of(contact)


def leads_spared(rule: Any, **kwargs: Any) -> Any:
    from wagtail_salesforce.replication.sparing import spared

    return spared(rule)


def activity_moves(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """What a stored activity was, and of whom, is lost once it is saved. A new one costs nothing."""
    if not raw and instance.pk is not None:
        stored = type(instance)._default_manager.filter(pk=instance.pk)
        instance._was = stored.values_list("contact_id", "type").first()


def activity_saved(instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Whoever has done it, and if that was somebody or something else before, these too."""
    from wagtail_salesforce.contacts.changes import gather_changes, note_change

    was, now = instance.__dict__.pop("_was", None), (instance.contact_id, instance.type)
    if raw:
        return
    if was in (None, now):
        note_change(instance.contact_id, activity_type=instance.type)
        return
    with gather_changes():
        for contact_id, activity_type in (was, now):
            note_change(contact_id, activity_type=activity_type)


def activity_gone(instance: Any, origin: Any = None, **kwargs: Any) -> None:
    """An activity was deleted, and not because its contact was."""
    from wagtail_salesforce.contacts.models import Contact

    if getattr(origin, "model", type(origin)) is not Contact:
        activity_saved(instance, created=False)


def attribute_retyped(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """An attribute is new or gets another name or type: rules that read it give other points."""
    from wagtail_salesforce.scoring.recalculate import attribute_changes

    if not raw:
        attribute_changes(instance)


def attribute_gone(instance: Any, **kwargs: Any) -> None:
    from wagtail_salesforce.scoring.recalculate import require_for_attributes

    require_for_attributes({instance.name})


def company_saved(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    from wagtail_salesforce.contacts.companies import note_company_change

    if not raw:
        note_company_change(instance)


def membership_changed(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    from wagtail_salesforce.contacts.changes import note_change

    if not raw:
        note_change(instance.contact_id, fields={"company"})


def membership_gone(instance: Any, origin: Any = None, **kwargs: Any) -> None:
    """Somebody left a company. When the contact itself is being deleted, there is nobody left to
    score or mark: points made now would keep the database from deleting the contact."""
    from wagtail_salesforce.contacts.models import Contact

    if getattr(origin, "model", type(origin)) is not Contact:
        membership_changed(instance)


def mapping_saved(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    from wagtail_salesforce.replication.due import revive_suspended

    if not raw:
        revive_suspended()


def settings_saved(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    from wagtail_salesforce.replication.due import mark_all
    from wagtail_salesforce.replication.schedule import keep_schedule

    if not raw:
        mark_all()
        keep_schedule(instance)


def score_saved(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """The points of a score that is off are not kept up to date."""
    from wagtail_salesforce.scoring.recalculate import require_recalculation

    if not raw and not instance.enabled:
        require_recalculation(instance.pk)


def rule_changed(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    from wagtail_salesforce.scoring.recalculate import require_recalculation

    if not raw:
        require_recalculation(instance.score_id)


def logged(instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Whoever writes about a contact into the audit log: the entry holds no name."""
    from wagtail_salesforce.admin.contacts_log import label_by_number

    if not raw:
        label_by_number(instance)


def migrated(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Once django-q2's own tables are there too, the schedules are made."""
    from wagtail_salesforce.replication.schedule import keep_after_migrate

    if sender.name == "django_q":
        keep_after_migrate(using)


def score_and_mark(changes: Any, **kwargs: Any) -> None:
    """One scoring pass and one due mark for all that happened in a unit of work."""
    from wagtail_salesforce.replication.due import mark_due
    from wagtail_salesforce.scoring.update import refresh_points

    token = _marked_anyway.set(True)
    try:
        refresh_points(changes)
    finally:
        _marked_anyway.reset(token)
    mark_due(changes)


def points_moved(changes: Any, **kwargs: Any) -> None:
    """Points changed by a recalculation, or because others expired: contacts may be eligible now."""
    from wagtail_salesforce.replication.due import mark_for_points

    if not _marked_anyway.get():
        mark_for_points(sorted({change.contact_id for change in changes}))
