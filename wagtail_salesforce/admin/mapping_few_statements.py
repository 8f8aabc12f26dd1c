"""Wagtail's edit page of a snippet, without the SQL statements that a mapping has no use for."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from wagtail.admin.models import EditingSession
from wagtail.admin.ui.editing_sessions import EditingSessionsModule

from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings


#: No editing session has this number: the first ping of the page gets one of its own.
NO_SESSION = 0


def with_use() -> QuerySet[Mapping]:
    """The mappings with `in_use`: whether replication sends what they say."""
    chosen = ReplicationSettings.objects.filter(mapping=OuterRef("pk"))
    return Mapping.objects.annotate(in_use=Exists(chosen))


class FewStatementsMixin:
    """For the edit view. The mapping is read once, with its use, when the page is only opened."""

    def get_queryset(self) -> QuerySet[Mapping]:
        return with_use()

    def get_object(self, queryset: QuerySet[Mapping] | None = None) -> Any:
        """Saving reads again, inside its transaction."""
        loaded = getattr(self, "object", None)
        if loaded is not None and self.request.method == "GET":  # type: ignore[attr-defined]
            return loaded
        return super().get_object(queryset)  # type: ignore[misc]

    def get_usage_url(self) -> None:
        """The index of references does not hold mappings: Wagtail would count to 0."""

    def get_last_updated_info(self) -> dict[str, Any]:
        """When; by whom is for the history, to which the page has a link."""
        return {"timestamp": self.object.modified_at}  # type: ignore[attr-defined]

    def get_editing_sessions(self) -> EditingSessionsModule:
        """Who else is here, without writing a row for everybody who only opens the page.

        Wagtail's script pings as soon as the page is there, and a ping for a session that is not
        on record makes one.
        """
        user, pk = self.request.user, self.object.pk  # type: ignore[attr-defined]
        session = EditingSession(
            user=user, content_type=ContentType.objects.get_for_model(Mapping), object_id=pk
        )
        names = (Mapping._meta.app_label, Mapping._meta.model_name, quote(pk), NO_SESSION)
        return EditingSessionsModule(
            session,
            reverse("wagtailadmin_editing_sessions:ping", args=names),
            reverse("wagtailadmin_editing_sessions:release", args=[NO_SESSION]),
            [],
        )
