"""The daily allowance: a rolling window, told with every answer."""

import pytest

from tests.practice_org.api import error, lead


def used(response):
    return response.headers["Sforce-Limit-Info"]


def test_every_answer_tells_the_usage(org, api):
    org.set_allowance(max=100, used=10)
    assert used(api.get("/limits")) == "api-usage=11/100"
    assert used(api.get("/nothing")) == "api-usage=12/100"
    assert used(api.post("/sobjects/Lead", {})) == "api-usage=13/100"
    org.expire_tokens()
    assert "Sforce-Limit-Info" not in api.get("/limits").headers


def test_the_last_call_is_answered_and_the_next_refused(org, api):
    org.set_allowance(max=3, used=2)
    assert api.get("/limits").json()["DailyApiRequests"] == {"Max": 3, "Remaining": 0}
    response = api.upsert_call(lead("a"))
    assert response.status_code == 403
    assert error(response) == {
        "message": "TotalRequests Limit exceeded.",
        "errorCode": "REQUEST_LIMIT_EXCEEDED",
    }
    assert used(response) == "api-usage=3/3"
    assert org.leads() == [] and org.calls(counted=False)[-1]["status"] == 403


def test_the_window_rolls(org, api):
    """14,500 calls at 5:00 and 499 at 23:00 leave one until the next 5:00."""
    org.freeze_clock()
    org.set_allowance(max=15_000, used=14_500)
    org.options(session_minutes=60 * 24 * 7)
    org.advance(18 * 3600)
    for _ in range(2):
        api.get("/limits")
    assert org.set_allowance() == {"max": 15_000, "used": 14_502}
    org.advance(6 * 3600 - 1)
    assert org.set_allowance()["used"] == 14_502
    org.advance(1)
    assert org.set_allowance()["used"] == 2
    org.advance(18 * 3600)
    assert org.set_allowance()["used"] == 0


def test_a_paid_production_org_may_overshoot_softly(org, api):
    org.set_allowance(max=1, used=1)
    org.options(organization_type="Enterprise Edition")
    assert used(api.get("/limits")) == "api-usage=2/1"
    org.options(sandbox=True)
    assert api.get("/limits").status_code == 403


def test_what_is_not_counted(org, api, oauth):
    oauth.log_in()
    oauth.with_token("/services/data", None)
    api.get("/limits", headers={"Authorization": "Bearer no"})
    org.fault("server_error", count=1)
    api.get("/limits")
    assert org.calls(counted=True) == [] and org.set_allowance()["used"] == 0


@pytest.mark.parametrize(("maximum", "share"), [(1, 1), (100_000, 99_999)])
def test_the_allowance_is_set_from_outside(org, api, maximum, share):
    assert org.set_allowance(max=maximum, used=share) == {"max": maximum, "used": share}
    assert org.set_allowance(used=0) == {"max": maximum, "used": 0}
