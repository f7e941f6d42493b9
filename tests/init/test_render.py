"""The file: the configuration that it is, and what its comments say, whatever names were seen."""

import re
import tomllib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config import CloudName, CloudSettings, Settings
from shared.expectations import AppKind, CredentialScope
from shared.init.propose import Proposal, Wishes
from shared.init.render import render_config
from shared.init.seen import ConnectionApp, Seen, Subscription, Tenant, Workspace
from tests.config_texts import settings_of
from tests.init.sights import APP, CONTOSO, TENANT_ID, UNREAD, a_sight, a_workspace, proposed, seen

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
DA = a_sight(solutions=["microsoft365analytics"])
HALF = ConnectionApp(APP.app_id, "Half", ("CmCollectionData.read",))
INTUNE = ("Exchange Online", "Microsoft Intune")


def _text(found: Seen, wishes: Wishes | None = None) -> str:
    return render_config(proposed(found, wishes), NOW)


def _settings(proposal: Proposal) -> Settings:
    return settings_of(render_config(proposal, NOW))


def _words(text: str) -> str:
    """The comments as running text."""
    return " ".join(text.replace("\n#", " ").split())


def test_it_is_the_configuration_that_was_proposed() -> None:
    settings = _settings(proposed(seen(DA, apps=(APP,), services=INTUNE), Wishes(credentials=CredentialScope.ALL)))
    (target,) = settings.targets
    assert (target.name, target.tenant_id, target.workspace_id) == ("contoso", TENANT_ID, DA.workspace.id)
    assert target.profiles == ("desktop-analytics", "tenant-attach")
    assert [(app.app_id, app.kind) for app in target.apps if app.app_id == APP.app_id] == [
        (APP.app_id, AppKind.CONNECTION)
    ]
    assert (target.services, target.credentials) == (("Microsoft Intune",), CredentialScope.ALL)
    assert [notice for notice in settings.notices if "2022-11-30" in notice] == list(settings.notices)


def test_what_is_the_tenants_own_is_watched_by_one_target_alone() -> None:
    found = seen(
        a_sight("law-a"), a_sight("law-b", tables=["UCClient"]), a_sight("law-c"), apps=(APP,), services=INTUNE
    )
    first, second, third = _settings(proposed(found, Wishes(credentials=CredentialScope.ALL))).targets
    assert second.profiles == ("update-reports", "tenant-attach")
    assert (second.services, second.credentials) == (("Microsoft Intune",), CredentialScope.ALL)
    for other in (first, third):
        assert (other.profiles, other.apps, other.services, other.credentials) == ((), (), (), CredentialScope.LISTED)
    assert _words(_text(found)).count("are watched once, by the target law-b") == 2


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (seen(), "The workspace has no solution that a profile knows, and no rows in a profile's tables."),
        (seen(a_sight(tables=None)), "could be read (see above): whether a profile fits is not known"),
        (seen(a_sight(solutions=None), apps=(APP,)), "whether a profile fits is not known"),
        (seen(a_sight(solutions=None, tables=["UCClient"])), "whether another profile fits is not known"),
        (seen(unread=(UNREAD,)), "- the tables of law: it refused (403). That hides which data it gets. To do: Ask."),
        (seen(unread=(UNREAD,)), "It is not known to be absent"),
        (seen(apps=None), "could not be looked for (see above). Where there is one, list it: [[target.app]]"),
        (seen(apps=()), "there is no connection app to watch"),
        (seen(apps=(APP,)), "ConfigMgrSvc_1. It requests CmCollectionData.read and CmCollectionData.write, as"),
        (seen(apps=(HALF,)), "Half. It requests only CmCollectionData.read, and a connection needs"),
        (seen(services=None), "Service health could not be read, or not by whoever ran this. To watch it, uncomment."),
        (seen(services=["Exchange Online"]), "Service health knows no Microsoft Intune in this tenant."),
        (seen(services=INTUNE), "To be told of incidents of Microsoft's beside what they may explain, uncomment."),
        (seen(DA, services=INTUNE), "The monitor's identity needs ServiceHealth.Read.All (Microsoft Graph) for it."),
    ],
)
def test_the_comments_say_why(found: Seen, said: str) -> None:
    text = _text(found)
    assert said in _words(text)
    assert settings_of(text).targets[0].name == "contoso"


@pytest.mark.parametrize(
    ("found", "wishes", "services"),
    [
        (seen(DA, services=INTUNE), Wishes(), ("Microsoft Intune",)),
        (seen(apps=(APP,), services=INTUNE), Wishes(), ("Microsoft Intune",)),
        (seen(DA, services=INTUNE), Wishes(service=False), ()),
        (seen(services=INTUNE), Wishes(), ()),
        (seen(DA, services=["Exchange Online"]), Wishes(), ()),
        (seen(DA, services=None), Wishes(), ()),
    ],
)
def test_service_health_is_watched_where_it_can_be_read_and_may_explain_something(
    found: Seen, wishes: Wishes, services: tuple[str, ...]
) -> None:
    (target,) = _settings(proposed(found, wishes)).targets
    assert target.services == services


def test_the_commented_blocks_are_right_once_their_comment_sign_is_gone() -> None:
    text = _text(seen(apps=None))
    live = re.sub(r"^# (?=\[\[[a-z.]+\]\]$|(?:app_id|kind|name) = )", "", text, flags=re.MULTILINE)
    (target,) = settings_of(live).targets
    assert (target.services, target.apps[0].kind) == (("Microsoft Intune",), AppKind.CONNECTION)


def test_a_workspace_of_another_tenant_is_left_out_and_told() -> None:
    other = Workspace(
        a_workspace("law-theirs").id, Subscription("s", "Theirs", "0f0f0f0f-0000-4000-8000-000000000000"), None
    )
    text = _text(seen(DA, strangers=(other,)))
    assert "law-theirs is in the tenant 0f0f0f0f-0000-4000-8000-000000000000" in _words(text)
    assert len(settings_of(text).targets) == 1


CUSTOM = CloudSettings(
    name=CloudName.CUSTOM,
    authority="https://login.example",
    resource_manager="https://arm.example",
    graph="https://graph.example",
    log_analytics="https://logs.example",
    scopes={"graph": "https://graph.example/.default", "log_analytics": 'https://x/"\n'},
)


@pytest.mark.parametrize(
    "cloud", [CloudSettings(), CloudSettings(name=CloudName.USGOV), CloudSettings(name=CloudName.CHINA), CUSTOM]
)
def test_the_cloud_is_written_as_it_was_used(cloud: CloudSettings) -> None:
    text = render_config(proposed(seen(DA), cloud=cloud), NOW)
    written = tomllib.loads(text).get("cloud", {})
    assert written.get("name", "public") == cloud.name
    assert ("[cloud]" in text) is (cloud != CloudSettings())
    if cloud is not CUSTOM:
        assert settings_of(text).cloud == cloud
    else:
        assert written["scopes"] == cloud.scopes


NASTY = st.text(max_size=80) | st.sampled_from(['"', "\n[[target]]\n", "'''", "\x00\x1b[2J", "\u2028x = 1", "# \r\n"])


@given(NASTY, NASTY, NASTY, NASTY, st.booleans())
def test_no_name_breaks_it(tenant: str, subscription: str, app: str, domain: str, read: bool) -> None:
    place = a_sight(workspace=a_workspace(subscription=subscription), tables=["UCClient"] if read else None)
    apps = (ConnectionApp(APP.app_id, app, APP.permissions),)
    found = seen(place, tenant=Tenant(TENANT_ID, tenant, domain), apps=apps, unread=() if read else (UNREAD,))
    text = _text(found)
    (target,) = settings_of(text).targets
    assert [one.app_id for one in target.apps if one.kind is AppKind.CONNECTION] == [APP.app_id]
    assert set(tomllib.loads(text)) == {"target"}


def test_it_names_when_and_of_whom_it_was_written() -> None:
    assert (
        "Written by `dawnwatch init` on 2026-11-23 at 04:00 UTC, from what could be seen of the tenant Contoso."
        in _words(_text(seen(tenant=CONTOSO)))
    )
