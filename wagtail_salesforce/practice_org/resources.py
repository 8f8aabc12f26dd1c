"""The resources that may be called alone and inside a Composite."""

from .external_rows import delete_external, read_external, upsert_row
from .query import query, query_all, query_more
from .retrieve import retrieve_by_body, retrieve_by_query
from .routing import route
from .rows import (
    basic_information,
    create_row,
    delete_row,
    describe,
    list_objects,
    read_row,
    update_row,
)
from .sobject_collections import create_rows, delete_rows, update_rows, upsert_rows
from .wire import Answer, Call


def _by_id_field(call: Call, object: str) -> Answer:
    """GET …/sobjects/{object}/Id names no record."""
    return read_row(call, object, "Id")


COLLECTION_ROUTES = (
    route("composite/sobjects", POST=create_rows, PATCH=update_rows, DELETE=delete_rows),
    route("composite/sobjects/{object}", GET=retrieve_by_query, POST=retrieve_by_body),
    route("composite/sobjects/{object}/{field}", PATCH=upsert_rows),
)
QUERY_ROUTES = (
    route("query", GET=query),
    route("queryAll", GET=query_all),
    route("query/{locator}", GET=query_more),
    route("queryAll/{locator}", GET=query_more),
)
ROW_ROUTES = (
    route("sobjects", GET=list_objects),
    route("sobjects/{object}", GET=basic_information, POST=create_row),
    route("sobjects/{object}/describe", GET=describe),
    # "Id" stands where an external id field would; without a value, only inserting is possible.
    route("sobjects/{object}/Id", GET=_by_id_field, POST=create_row),
    route("sobjects/{object}/{id}", GET=read_row, PATCH=update_row, DELETE=delete_row),
    route(
        "sobjects/{object}/{field}/{value}",
        GET=read_external,
        PATCH=upsert_row,
        DELETE=delete_external,
    ),
)
PART_ROUTES = (*COLLECTION_ROUTES, *QUERY_ROUTES, *ROW_ROUTES)
