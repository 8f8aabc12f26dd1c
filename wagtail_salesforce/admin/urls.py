"""The admin addresses of the panel, the reports and the lead links, below /salesforce/."""

from __future__ import annotations

from django.urls import include, path, re_path

from wagtail_salesforce.admin import jobs
from wagtail_salesforce.admin.authorization import CallbackView, ClearView
from wagtail_salesforce.admin.config_page import ConfigView, ExportView
from wagtail_salesforce.admin.description_views import DescriptionPreviewView
from wagtail_salesforce.admin.lead_link_actions import ACTIONS, LeadLinkAction
from wagtail_salesforce.admin.mapping_check import MappingCheckView
from wagtail_salesforce.admin.mapping_preview import MappingPreviewView
from wagtail_salesforce.admin.panel import PanelView
from wagtail_salesforce.admin.panel_actions import (
    ConfirmSiteView,
    ReplicateNowView,
    StartOverView,
    TestConnectionView,
)
from wagtail_salesforce.admin.panel_top import TopView
from wagtail_salesforce.admin.reports import RunReport
from wagtail_salesforce.admin.reports_attention import AttentionReport
from wagtail_salesforce.admin.resend import ResendView
from wagtail_salesforce.admin.settings_counts import SettingsCountsView


app_name = "wagtail_salesforce"

patterns = [
    path("", PanelView.as_view(), name="panel"),
    path("top/", TopView.as_view(), name="top"),
    path("callback/", CallbackView.as_view(), name="callback"),
    path("clear/", ClearView.as_view(), name="clear"),
    path("test/", TestConnectionView.as_view(), name="test"),
    path("replicate/", ReplicateNowView.as_view(), name="replicate"),
    path("confirm-site/", ConfirmSiteView.as_view(), name="confirm_site"),
    path("start-over/", StartOverView.as_view(), name="start_over"),
    path("mapping/check/", MappingCheckView.as_view(), name="mapping_check"),
    path("settings/counts/", SettingsCountsView.as_view(), name="settings_counts"),
    path("description/preview/", DescriptionPreviewView.as_view(), name="description_preview"),
    path("resend/", ResendView.as_view(), name="resend"),
    path("config/", ConfigView.as_view(), name="config"),
    path("config/export/", ExportView.as_view(), name="config_export"),
    path("mapping/preview/", MappingPreviewView.as_view(), name="mapping_preview"),
    path("reports/runs/", RunReport.as_view(), name="runs"),
    path("reports/runs/results/", RunReport.as_view(results_only=True), name="runs_results"),
    path("reports/attention/", AttentionReport.as_view(), name="attention"),
    path(
        "reports/attention/results/",
        AttentionReport.as_view(results_only=True),
        name="attention_results",
    ),
    re_path(
        rf"^links/(?P<pk>\d+)/(?P<action>{'|'.join(ACTIONS)})/$",
        LeadLinkAction.as_view(),
        name="link_action",
    ),
    *jobs.patterns,
]

urlpatterns = [path("salesforce/", include((patterns, app_name)))]
