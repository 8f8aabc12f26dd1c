"""The connection and what its organization last said of an object, read as one."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import JSONField, OuterRef, Subquery
from django.utils import timezone

from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.salesforce.describe import ObjectDescribe


def connection_and_describe(
    object_name: str = "Lead", *, max_age: int | None = 3600
) -> tuple[Connection, ObjectDescribe | None]:
    """Both in one SQL statement, for pages that need both; no call to Salesforce.

    `max_age` is in seconds, None for any age. The describe is None when there is none so young.
    """
    known = DescribeSnapshot.objects.filter(org_id=OuterRef("org_id"), object_name=object_name)
    if max_age is not None:
        known = known.filter(fetched_at__gt=timezone.now() - timedelta(seconds=max_age))
    data = Subquery(known.values("data")[:1], output_field=JSONField())
    row = Connection.objects.annotate(known_describe=data).filter(pk=1).first()
    if row is None:
        return Connection.load(), None
    return row, ObjectDescribe.from_json(row.known_describe) if row.known_describe else None
