"""The practice org with its known app, over real HTTP."""

import pytest

from tests.practice_org.api import CALLBACK, Api, OAuth


@pytest.fixture
def api(org):
    """The REST API with a good token."""
    client = Api(org)
    yield client
    client.http.close()


@pytest.fixture
def oauth(org):
    """The OAuth endpoints, with the callback of these tests registered."""
    org.options(callbacks=[CALLBACK])
    client = OAuth(org)
    yield client
    client.http.close()
