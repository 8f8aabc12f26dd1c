"""Two editors press Save at the same moment, in real threads."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import connection, connections

from tests.admin.mapping_pages import edit_url, form_of, sent
from tests.admin.people import client_of
from tests.connecting import connect
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.suggest import suggest, suggest_external_id


pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="Its memory database has one connection."
    ),
]
SOURCES = ("field:mobile_phone", "field:business_phone", "field:city", "field:email")


def test_one_is_saved_and_all_others_are_told(org):
    connect(org)
    describe = lead_describe()
    mapping = Mapping.objects.create(
        name="Leads", external_id_field=suggest_external_id(describe), fields=suggest(describe, {})
    )
    before = mapping.revision
    clients = [client_of("change_mapping") for _ in SOURCES]
    data = [sent(form_of(client.get(edit_url(mapping)))) for client in clients]
    ready = threading.Barrier(len(SOURCES))
    answers = {}

    def save(place):
        try:
            ready.wait(timeout=20)
            changed = data[place] | {"source-Fax": SOURCES[place]}
            answers[SOURCES[place]] = clients[place].post(edit_url(mapping), changed)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(place,)) for place in range(len(SOURCES))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    saved = [source for source, answer in answers.items() if answer.status_code == 302]
    mapping.refresh_from_db()
    assert len(answers) == len(SOURCES) and len(saved) == 1
    assert mapping.fields["Fax"]["name"] == saved[0].removeprefix("field:")
    assert mapping.revision == before + 1
    for source, answer in answers.items():
        if source not in saved:
            page = answer.content.decode()
            assert "Somebody else has saved this mapping" in page
            fax = re.search(r'<select id="source-Fax".*?</select>', page, re.S)[0]
            assert f'value="{source}" selected' in fax, "what the second one chose is not lost"


def test_fields_are_reloaded_where_nothing_else_opens_a_transaction(org):
    connect(org)
    mapping = Mapping.objects.create(name="Leads", fields={})
    client = client_of("change_mapping")
    data = sent(form_of(client.get(edit_url(mapping)))) | {"reload-fields": "1"}
    assert client.post(edit_url(mapping), data).status_code == 200
    assert client.post(edit_url(mapping), data | {"revision": "99"}).status_code == 200
