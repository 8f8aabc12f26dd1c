"""The one list of reason codes: what is the matter, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


Text = str | Promise


@dataclass(frozen=True)
class Reason:
    """A reason code's words: what is the matter, and what to do next."""

    text: Text
    cure: Text


REASONS: dict[str, Reason] = {
    "disabled": Reason(
        _("Replication is switched off."), _("Switch it on in the replication settings.")
    ),
    "not_authorized": Reason(
        _("The site is not authorized to use the Salesforce organization."),
        _("Authorize the organization under Organization access."),
    ),
    "org_changed": Reason(
        _("The site is now connected to another Salesforce organization."),
        _("Start over for the new organization, or authorize the former one again."),
    ),
    "site_changed": Reason(
        _("This database seems to be a copy: it was connected under another site address."),
        _("Confirm that this site may use the connection, or clear it."),
    ),
    "no_mapping": Reason(
        _("No mapping is chosen."), _("Create a Salesforce mapping and choose it.")
    ),
    "no_external_id": Reason(
        _("The mapping has no usable external identifier field."),
        _("Choose a custom text field of 32 characters or more, External ID and unique."),
    ),
    "mapping_broken": Reason(
        _("The mapping does not fit the Lead fields of the organization."),
        _("Open the mapping and repair the rows that are marked."),
    ),
    "batch_size": Reason(
        _("The batch size is out of range."), _("Choose a batch size from 1 to 1,000.")
    ),
    "minimum_points": Reason(
        _("The minimum of points is out of range."), _("Choose 0 points or more.")
    ),
    "schedule_minutes": Reason(
        _("The minutes between runs are out of range."),
        _("Choose 1 to 10,080 minutes (a week), or run without a schedule."),
    ),
    "reserve_percent": Reason(
        _("The share of API calls to leave alone is out of range."),
        _("Choose 0 to 99 percent."),
    ),
    "assignment_rule": Reason(
        _("The lead assignment rule is not the id of one."),
        _("Enter an id that begins with 01Q and has 15 or 18 characters, or choose no rule."),
    ),
    "consent_missing": Reason(
        _("The consent attribute no longer exists, or is no longer a yes-or-no attribute."),
        _(
            "Choose the attribute that contacts agree with, or restore it. Nobody is sent till then."
        ),
    ),
    "score_missing": Reason(
        _("The score that chose the contacts no longer exists."),
        _("Choose another score, or all contacts."),
    ),
    "no_default_company": Reason(
        _("There is no default company name."),
        _("Enter the company name for contacts without a company."),
    ),
    "invalid_lead_description": Reason(
        _("The lead description template does not work."),
        _("Correct the template in the replication settings."),
    ),
    "api_reserve": Reason(
        _("The share of the daily API calls that is kept in reserve has been reached."),
        _("Nothing needs doing: replication looks again every hour."),
    ),
    "busy": Reason(
        _("Another replication run is under way."), _("Wait until it is over, then try again.")
    ),
    "request_limit": Reason(
        _("The organization has used up its daily API calls."),
        _("Nothing needs doing: replication looks again every hour."),
    ),
    "org_unavailable": Reason(
        _("Salesforce did not answer properly, also not after several tries."),
        _("Nothing needs doing: the next run tries again. See status.salesforce.com if it lasts."),
    ),
    "database_unavailable": Reason(
        _("The database of this site did not answer, or broke off the connection."),
        _("The next run goes on. If it lasts, ask the people who run the site to see its log."),
    ),
    "not_migrated": Reason(
        _("The database lacks tables or columns that are needed."), _("Run manage.py migrate.")
    ),
    "bulk_failed": Reason(
        _("Salesforce ended a Bulk job before all of its contacts were sent."),
        _(
            "Nothing needs doing: for a day the contacts go in smaller calls, which name who is to blame."
        ),
    ),
    "storage_limit": Reason(
        _("The organization's data storage is full."),
        _("Ask the Salesforce administrator to free or buy storage."),
    ),
    "api_disabled": Reason(
        _("The organization does not permit API calls."),
        _("Use an edition with API access, or give the user the API Enabled permission."),
    ),
    "access_denied": Reason(
        _("The Salesforce user may not do this."),
        _("Give the integration user access to Leads and to the mapped fields."),
    ),
    "certificate_refused": Reason(
        _("The TLS certificate of the Salesforce address could not be verified."),
        _("Check the address; behind a company proxy, name its certificates in CA_BUNDLE."),
    ),
    "host_not_allowed": Reason(
        _("That host may not be used."),
        _(
            "Use login.salesforce.com, test.salesforce.com or your My Domain, which ends in .my.salesforce.com."
        ),
    ),
    "missing_credentials": Reason(
        _("The consumer key or the consumer secret is missing."),
        _("Enter both, as Salesforce shows them for the External Client App."),
    ),
    "set_in_settings": Reason(
        _("The Django settings give another value, which comes first."),
        _("Change WAGTAIL_SALESFORCE in the settings, or leave the value out here."),
    ),
    "unreadable_secret": Reason(
        _("The stored secrets cannot be read with the present encryption key."),
        _(
            "Put the former key back into ENCRYPTION_KEYS or SECRET_KEY_FALLBACKS, or authorize again."
        ),
    ),
    "api_version": Reason(
        _("The organization does not know the API version of this site's settings."),
        _("Choose another API_VERSION in WAGTAIL_SALESFORCE, such as 66.0."),
    ),
    "leads_hidden": Reason(
        _("The Salesforce user cannot see the Lead object."),
        _("Give the integration user read, create and edit access to leads."),
    ),
    "leads_read_only": Reason(
        _("The Salesforce user may read leads, but not create them."),
        _("Give the integration user create and edit access to leads and to the mapped fields."),
    ),
    "request_refused": Reason(
        _("Salesforce refused the call, and not because of the data."),
        _("Use Test connection to see why, and check the API_VERSION in WAGTAIL_SALESFORCE."),
    ),
    "insecure_callback": Reason(
        _("The callback address of this site does not begin with https."),
        _("Open the admin over https. (Plain http works only for a practice org on localhost.)"),
    ),
    "invalid_state": Reason(
        _("The answer from Salesforce does not belong to an authorization begun in this session."),
        _("Begin again with Authorize, and finish in the same browser."),
    ),
    "credentials_changed": Reason(
        _("The consumer key or the login address was changed while you were at Salesforce."),
        _("Begin again with Authorize."),
    ),
    "invalid_client_id": Reason(
        _("Salesforce does not know the consumer key."),
        _("Check the key and the login address; a new app needs up to ten minutes to be known."),
    ),
    "invalid_client": Reason(
        _("Salesforce refused the consumer secret."),
        _("Copy the consumer secret of the same app again."),
    ),
    "app_not_installed": Reason(
        _("The app is not installed in the organization."),
        _("Install it in Salesforce Setup, or make an External Client App in this organization."),
    ),
    "consent_denied": Reason(
        _("Access was denied on Salesforce's page, so nothing has changed."),
        _("Authorize again and choose Allow."),
    ),
    "expired_code": Reason(
        _("The authorization code has expired or was used already."), _("Authorize again.")
    ),
    "invalid_code_verifier": Reason(
        _("Salesforce refused the proof key (PKCE) of this authorization."),
        _("Begin again with Authorize, and finish in the same browser."),
    ),
    "redirect_uri_mismatch": Reason(
        _("The callback address is not registered in the app."),
        _("Copy the callback URL from this page into the app, exactly as it stands."),
    ),
    "invalid_scope": Reason(
        _("The app does not permit the access that is needed."),
        _("Give the app the scopes api, id and refresh_token (offline_access)."),
    ),
    "unsupported_grant_type": Reason(
        _("The app does not permit this way to authorize."), _("Enable the flow in the app.")
    ),
    "inactive_user": Reason(
        _("The Salesforce user is inactive or frozen."),
        _("Activate the user, or authorize as another one."),
    ),
    "inactive_org": Reason(
        _("The Salesforce organization is locked, closed or suspended."),
        _("Ask the Salesforce administrator."),
    ),
    "expired_refresh_token": Reason(
        _("The authorization has expired or was revoked in Salesforce."),
        _("Authorize again."),
    ),
    "session_refused": Reason(
        _("Salesforce refused a fresh access token."),
        _("Check the session and IP policies of the app, then authorize again."),
    ),
    "token_refused": Reason(
        _("Salesforce refused the access token that the site's code brought along."),
        _("It has expired or was revoked: the code must get a new one."),
    ),
    "login_refused": Reason(
        _("Salesforce refused the login."),
        _("Check the login address, the user, and the IP ranges and login hours of the profile."),
    ),
    "wrong_login_host": Reason(
        _("This way to authorize does not work at this login address."),
        _("Use the address of your My Domain, which ends in .my.salesforce.com."),
    ),
    "client_credentials_user_missing": Reason(
        _("The app has no user for the client credentials flow."),
        _("Choose the user to run as in the policies of the app."),
    ),
    "not_approved": Reason(
        _("The user has not been approved for the app."),
        _("Pre-authorize the user's profile or permission set in the policies of the app."),
    ),
    "invalid_audience": Reason(
        _("The organization does not belong to this login address."),
        _("Use login.salesforce.com for production and test.salesforce.com for a sandbox."),
    ),
    "invalid_assertion": Reason(
        _("Salesforce refused the signature."),
        _("Upload the certificate that belongs to the private key, and check the user name."),
    ),
    "invalid_private_key": Reason(
        _("The private key cannot be used."),
        _("Give an RSA private key in PEM form, without a password."),
    ),
    "private_key_file": Reason(
        _("The private key file that the Django settings name cannot be read."),
        _(
            "Check JWT_PRIVATE_KEY_FILE in WAGTAIL_SALESFORCE: the file must exist, and the site must be allowed to read it."
        ),
    ),
    "clock_wrong": Reason(
        _("The clock of this server is wrong."), _("Set the clock, for example with NTP.")
    ),
    "org_unreachable": Reason(
        _("No Salesforce organization answers at the login address."),
        _("Check the address and the network of this server."),
    ),
    "rate_limited": Reason(
        _("Salesforce has refused too many logins in a short time."),
        _("Wait a few minutes, then try again."),
    ),
    "authorization_failed": Reason(
        _("Salesforce refused the authorization."), _("Check the app, then authorize again.")
    ),
    "lease_lost": Reason(_("Another worker has taken over the run."), _("Nothing needs doing.")),
    "interrupted": Reason(
        _("The run was ended because its process was asked to stop."),
        _("Nothing needs doing: the next run goes on where it stopped."),
    ),
    "internal_error": Reason(
        _("Something went wrong inside the site."),
        _("Ask the people who run the site to look at its log."),
    ),
    "extension_failed": Reason(
        _("A function of this site's own code, which takes part in replication, failed."),
        _("Ask the people who run the site: its log names the function. Contacts wait till then."),
    ),
    "unknown_contact": Reason(
        _("There is no contact with that e-mail address."), _("Check the address.")
    ),
    "merge_same": Reason(
        _("A contact cannot be merged into itself."), _("Choose two different contacts.")
    ),
    "merge_gone": Reason(
        _("One of the two contacts no longer exists."),
        _("Perhaps somebody has merged or erased it meanwhile. Choose the contacts again."),
    ),
    "merge_choice": Reason(
        _("A choice for the merge names no field or no contact."),
        _("Choose the survivor or the other contact for fields and attributes that exist."),
    ),
    "not_csv": Reason(
        _("The file is no CSV file."),
        _("Save the spreadsheet as CSV (UTF-8), or choose UTF-16 if it is “Unicode text”."),
    ),
    "empty_file": Reason(
        _("The file is empty."), _("Give a file with a header and a row for each contact.")
    ),
    "no_rows": Reason(
        _("The file has a header, but no row below it."),
        _("Add a row for each contact below it, then import the file again."),
    ),
    "no_header": Reason(
        _("The first line of the file is no header."),
        _("Put a line with the names of the columns, such as E-mail and Last name, first."),
    ),
    "wrong_encoding": Reason(
        _("The file is not in the chosen encoding."),
        _("Choose another encoding, such as Windows-1252, or save the file as UTF-8."),
    ),
    "file_too_large": Reason(
        _("The file is too large."), _("Divide it into several files, each with the header.")
    ),
    "file_missing": Reason(
        _("The uploaded file was deleted already."), _("Upload the file once more.")
    ),
    "no_email_column": Reason(
        _("No column of the file fills the e-mail address."),
        _("Choose which column holds the e-mail address; contacts are recognised by it."),
    ),
    "import_columns": Reason(
        _("What the columns of the file fill does not fit any more."),
        _("Check the columns: each field is filled once, by a field that exists."),
    ),
    "updates_off": Reason(
        _("The contact has a lead, and leads that exist are not kept updated."),
        _("Switch on Keep leads updated in the replication settings."),
    ),
    "contact_held_back": Reason(
        _(
            "The contact may not be sent: it is excluded, has not given consent, or is not chosen by this site's own code."
        ),
        _("Open the contact to see why."),
    ),
}
