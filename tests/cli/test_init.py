"""`dawnwatch init`: what it writes passes at once, what it cannot read it says, and what is there it leaves."""

import stat
from pathlib import Path

import pytest

from sandbox import Fault, Sandbox, load_tenant
from sandbox.records import Permission
from shared.cli.append import create_file
from shared.gather.survey_apps import MICROSERVICE
from tests.cli.initiating import Initiating, another_workspace, clear_environment, parse
from tests.watching import HURRIED, Watch, Watching

THEIRS = "0f0f0f0f-0000-4000-8000-000000000000"


@pytest.fixture
def contoso(watching: Watching, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Initiating:
    return Initiating(watching("contoso"), tmp_path, capsys)


@pytest.mark.parametrize(
    ("tenant", "profiles", "app", "status"),
    [
        ("contoso", ["desktop-analytics", "tenant-attach"], "Desktop-Analytics-Connection", 0),
        ("fabrikam", ["intune-logs", "update-reports", "tenant-attach"], "ConfigMgrSvc_6e1f", 1),
    ],
)
def test_what_it_writes_is_right_and_can_be_looked_at_as_it_is(
    watching: Watching,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tenant: str,
    profiles: list[str],
    app: str,
    status: int,
) -> None:
    box = Initiating(watching(tenant), tmp_path, capsys)
    assert box.init() == 0
    (target,) = box.written["target"]
    registration = box.watch.tenant.application(app)
    assert (target["name"], target["profiles"]) == (tenant, profiles)
    assert (target["tenant_id"], target["workspace_id"]) == (box.watch.tenant.tenant_id, box.watch.tenant.workspace.id)
    assert target["app"] == [{"app_id": registration.app_id, "kind": "connection"}]
    assert target["service"] == [{"name": "Microsoft Intune"}]
    assert f"{app}. It requests CmCollectionData.read and CmCollectionData.write" in box.words
    assert ("2022-11-30" in box.words) is (tenant == "contoso")
    named = f" --config {box.file}"
    assert box.said.splitlines() == [
        f"Looking at the tenant {tenant.title()} ({box.watch.tenant.tenant_id}).",
        f"{tenant}: the workspace law-{tenant}, {', '.join(profiles)}",
        f"Wrote {box.file}. Next: `dawnwatch config check{named}`, then `dawnwatch check{named}`.",
    ]
    assert box.run("config", "check") == 0
    assert box.run("check", "--at", box.watch.box.now.isoformat()) == status
    assert [path.name for path in tmp_path.iterdir()] == ["dawnwatch.toml"]


def test_options_choose_name_and_credentials(contoso: Initiating) -> None:
    assert contoso.init("--name", "prod-eu", "--credentials", "all", "--workspace", "LAW-Contoso") == 0
    (target,) = contoso.written["target"]
    assert (target["name"], target["credentials"]) == ("prod-eu", "all")
    assert contoso.run("check", "--at", contoso.watch.box.now.isoformat()) == 0


# --- several workspaces ---


def test_several_workspaces_become_several_targets_and_one_keeps_the_tenants_apps(contoso: Initiating) -> None:
    contoso.watch.tenant.others += [
        another_workspace("law-updates", 1, "WaaSUpdateInsights"),
        another_workspace("LAW-updates", 2),
    ]
    assert contoso.init("--all-workspaces", "--credentials", "all") == 0
    targets = contoso.written["target"]
    assert [(one["name"], one["profiles"], one["credentials"], "app" in one) for one in targets] == [
        ("law-contoso", ["desktop-analytics", "tenant-attach"], "all", True),
        ("rg-other-law-updates", ["update-reports"], "listed", False),
        ("rg-other-law-updates-2", [], "listed", False),
    ]
    assert contoso.run("config", "check") == 0
    assert contoso.run("check", "--at", contoso.watch.box.now.isoformat()) == 1
    assert "app.shared" not in contoso.watch.said[-2]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--yes"], ["law-contoso", "law-updates"]),
        (["--subscription", "Contoso"], ["contoso"]),
        (["--subscription", "5ab5c992-2222-4333-8444-555566667777"], ["contoso"]),
        (["--workspace", "law-empty"], ["contoso"]),
        (["--workspace", "law-contoso", "cc5b02d2-5bf4-430c-9487-45502a2a7e62"], ["law-contoso", "law-empty"]),
        (["--workspace", "law-updates", "law-empty", "--name", "eu"], ["eu-law-updates", "eu-law-empty"]),
    ],
)
def test_options_choose_among_workspaces(contoso: Initiating, options: list[str], names: list[str]) -> None:
    contoso.watch.tenant.others += [
        another_workspace("law-updates", 1, "WaaSUpdateInsights"),
        another_workspace("law-empty", 2),
    ]
    assert contoso.init(*options) == 0
    assert [one["name"] for one in contoso.written["target"]] == names


def test_a_workspace_that_is_named_by_its_id_costs_no_look_into_other_subscriptions(contoso: Initiating) -> None:
    contoso.watch.tenant.others.append(another_workspace("law-updates", 1, "WaaSUpdateInsights"))
    place = contoso.watch.tenant.workspace.id
    assert contoso.init("--workspace", place + "/") == 0
    assert contoso.written["target"][0]["workspace_id"] == place
    assert not contoso.watch.calls("arm", "5ab5c991")


def test_a_workspace_that_another_tenant_lets_us_manage_is_left_out_and_told(contoso: Initiating) -> None:
    contoso.watch.tenant.others.append(another_workspace("law-theirs", 1, owner=THEIRS))
    assert contoso.init() == 0
    assert [one["name"] for one in contoso.written["target"]] == ["contoso"]
    told = f"The workspace law-theirs is in the tenant {THEIRS}, and so are the apps behind it: run `dawnwatch init"
    assert f"Left out: {told}" in contoso.said
    assert told in contoso.words


# --- what could not be read ---


@pytest.mark.parametrize(
    ("fault", "profiles", "told"),
    [
        (
            Fault(service="logs", kind="forbidden"),
            ["desktop-analytics", "tenant-attach"],
            "the tables of the workspace law-contoso: the Log Analytics query API: it refused (403",
        ),
        (
            Fault(service="arm", kind="forbidden", path_contains="solutions"),
            ["desktop-analytics", "tenant-attach"],
            "the solutions in the subscription Contoso: Azure Resource Manager: it refused (403 AuthorizationFailed)",
        ),
        (
            Fault(service="graph", kind="forbidden", path_contains="/applications"),
            ["desktop-analytics"],
            "the app registrations: Microsoft Graph: it refused (403 Authorization_RequestDenied)",
        ),
        (
            Fault(service="graph", kind="reset", path_contains="healthOverviews"),
            ["desktop-analytics", "tenant-attach"],
            "Microsoft 365 service health: Microsoft Graph: no complete answer came",
        ),
    ],
    ids=["tables", "solutions", "apps", "services"],
)
def test_what_could_not_be_read_is_said_in_the_file_and_on_stderr(
    watching: Watching,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    fault: Fault,
    profiles: list[str],
    told: str,
) -> None:
    box = Initiating(watching("contoso", limits=HURRIED), tmp_path, capsys)
    box.watch.break_down(fault)
    assert box.init() == 3
    assert f"Not read: {told}" in box.said
    assert f"- {told}" in box.words
    assert box.written["target"][0]["profiles"] == profiles
    assert box.run("config", "check") == 0


def test_nothing_recognised_is_not_said_where_nothing_could_be_read(contoso: Initiating) -> None:
    contoso.watch.break_down("logs:forbidden", Fault(service="arm", kind="forbidden", path_contains="solutions"))
    assert contoso.init() == 3
    assert "could be read (see above): whether a profile fits is not known" in contoso.words
    assert "has no solution" not in contoso.words
    assert contoso.written["target"][0]["profiles"] == ["tenant-attach"]


def test_who_may_not_read_service_health_is_told_so_and_nothing_is_missing(contoso: Initiating) -> None:
    contoso.watch.tenant.monitor.app_roles = ["Application.Read.All"]
    assert contoso.init() == 0
    assert "You may not read service health" in contoso.said
    assert "# [[target.service]]" in contoso.file.read_text(encoding="utf-8")
    assert "service" not in contoso.written["target"][0]


# --- bad input: each told with what to do, nothing written ---


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (
            ["--subscription", "5ab5c000"],
            2,
            "The subscription 5ab5c000 is not visible to this sign-in in the tenant Contoso.",
        ),
        (
            ["--workspace", "law-nowhere"],
            2,
            "--workspace: law-nowhere is not visible to this sign-in. The visible ones:",
        ),
        (["--workspace", "law-theirs"], 2, f"run `dawnwatch init --tenant {THEIRS}` as somebody of that tenant."),
        (["--workspace", "{fabrikam}"], 2, "The subscription 5ab5c222-2222-4333-8444-555566667777 is not visible"),
        (["--tenant", "fabrikam.example.com"], 2, "--tenant: 0 of these are called fabrikam.example.com; give an id:"),
        (["--tenant", THEIRS], 3, "Nothing was written: Azure Resource Manager: Microsoft Entra ID refused a token"),
        (["--cloud", "custom", "--config", "{public}"], 2, "write its endpoints as [cloud] into a file"),
        (["--config", "{broken}"], 2, "broken.toml: cloud.name: must be one of public, usgov, china, custom"),
        (["--workspace", "law", "--all-workspaces"], 2, "not allowed with argument"),
        (["--name", "Contoso Prod"], 2, 'must be 1 to 40 of a-z, 0-9 and -, not "Contoso Prod"'),
        (["--output", "{folder}"], 2, "is a folder"),
        (["--output", "{folder}/no/dawnwatch.toml"], 2, "is in no folder that is there"),
    ],
)
def test_what_cannot_be_is_told_with_what_to_do(
    contoso: Initiating, tmp_path: Path, options: list[str], status: int, said: str
) -> None:
    contoso.watch.tenant.others.append(another_workspace("law-theirs", 1, owner=THEIRS))
    (tmp_path / "public.toml").write_text("[cloud]\nname = 'public'\n", encoding="utf-8")
    (tmp_path / "broken.toml").write_text("[cloud]\nname = 'moon'\n", encoding="utf-8")
    places = {
        "folder": tmp_path,
        "public": tmp_path / "public.toml",
        "broken": tmp_path / "broken.toml",
        "fabrikam": load_tenant("fabrikam").workspace.id,
    }
    given = [option.format(**places) for option in options]
    assert contoso.init(*given) == status
    assert said in contoso.said
    assert not contoso.file.exists()


def test_a_tenant_in_which_nothing_is_visible_says_what_to_do(contoso: Initiating) -> None:
    contoso.watch.tenant.monitor.reads_workspace = False
    assert contoso.init() == 3
    assert "no subscription of the tenant Contoso is visible to this sign-in" in contoso.said
    assert f"`az login --tenant {contoso.watch.tenant.tenant_id}`" in contoso.said
    assert not contoso.file.exists()


def test_a_subscription_without_a_workspace_says_what_to_do(contoso: Initiating) -> None:
    contoso.watch.tenant.workspace.exists = False
    assert contoso.init() == 3
    assert "no Log Analytics workspace is visible to this sign-in" in contoso.said
    assert not contoso.file.exists()


def test_where_no_workspace_could_be_read_nothing_is_written(contoso: Initiating) -> None:
    contoso.watch.break_down(Fault(service="arm", kind="forbidden", path_contains="workspaces"))
    for options in ([], ["--workspace", "law-contoso"]):
        assert contoso.init(*options) == 3
        assert "Sign in as somebody who holds the role Reader on the subscription." in contoso.said
        assert not contoso.file.exists()


def test_a_wrong_secret_is_told_as_one(contoso: Initiating) -> None:
    contoso.watch.tenant.monitor.client_secret = "another~secret~0123456789"
    assert contoso.init() == 3
    assert "Nothing was written: Microsoft Entra ID: Microsoft Entra ID refused a token" in contoso.said
    assert not contoso.file.exists()


def test_who_is_not_signed_in_is_told_how(contoso: Initiating, monkeypatch: pytest.MonkeyPatch) -> None:
    clear_environment(monkeypatch)
    assert contoso.init() == 3
    assert "no identity to sign in with was found" in contoso.said
    assert "run `az login`" in contoso.said


def test_several_workspaces_need_somebody_who_chooses(contoso: Initiating) -> None:
    contoso.watch.tenant.others.append(another_workspace("law-updates", 1, "WaaSUpdateInsights"))
    assert contoso.init() == 2
    assert "law-contoso in rg-analytics, Contoso: desktop-analytics" in contoso.said
    assert "--all-workspaces" in contoso.said
    contoso.watch.tenant.workspace.solutions.clear()
    contoso.watch.tenant.others[0][0].solutions.clear()
    contoso.watch.tenant.tables.clear()
    assert contoso.init("--yes") == 2
    assert "law-updates in rg-other, Contoso 5ab5c991: nothing recognised" in contoso.said
    assert not contoso.file.exists()


def test_two_workspaces_of_one_name_are_told_apart_by_their_ids(contoso: Initiating) -> None:
    contoso.watch.tenant.others.append(another_workspace("law-contoso", 1))
    assert contoso.init("--workspace", "law-contoso") == 2
    assert "--workspace: 2 are called law-contoso: give one by its id:" in contoso.said
    assert contoso.init("--workspace", contoso.watch.tenant.workspace.id) == 0


# --- another tenant ---


def test_a_tenant_is_named_by_its_id_its_domain_or_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    contoso, fabrikam = load_tenant("contoso"), load_tenant("fabrikam")
    fabrikam.monitor.client_id, fabrikam.monitor.client_secret = (
        contoso.monitor.client_id,
        contoso.monitor.client_secret,
    )
    with Sandbox([contoso, fabrikam], now=fabrikam.now) as box:
        for name, value in box.environment.items():
            monkeypatch.setenv(name, value)
        initiating = Initiating(Watch(box, ""), tmp_path, capsys)
        for wanted, name in (
            ([], "contoso"),
            (["--tenant", fabrikam.tenant_id.upper()], "fabrikam"),
            (["--tenant", "Fabrikam"], "fabrikam"),
            (["--tenant", "fabrikam.example.com"], "fabrikam"),
        ):
            assert initiating.init("--force", *wanted) == 0
            assert initiating.written["target"][0]["name"] == name


# --- the file ---


def test_a_file_that_is_there_stays_as_it_is_and_nobody_is_asked_anything(contoso: Initiating) -> None:
    contoso.file.write_bytes(b"mine")
    assert contoso.init() == 2
    assert (
        contoso.said
        == f"{contoso.file} is there already. It is as it was: --force writes over it, --output writes another.\n"
    )
    assert contoso.file.read_bytes() == b"mine"
    assert contoso.watch.box.requests == []


def test_force_writes_over_it_and_keeps_its_permissions(contoso: Initiating) -> None:
    contoso.file.write_bytes(b"mine")
    contoso.file.chmod(0o640)
    assert contoso.init("--force") == 0
    assert contoso.written["target"][0]["name"] == "contoso"
    assert stat.S_IMODE(contoso.file.stat().st_mode) == 0o640


def test_force_makes_a_file_that_is_not_there_and_follows_a_link(contoso: Initiating, tmp_path: Path) -> None:
    link, real = tmp_path / "link.toml", tmp_path / "real.toml"
    link.symlink_to(real)
    assert contoso.init(output=str(link)) == 2
    assert contoso.init("--force", output=str(link)) == 0
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8").startswith("# Written by `dawnwatch init`")


def test_where_nothing_is_read_a_file_stays_even_with_force(contoso: Initiating) -> None:
    contoso.file.write_bytes(b"mine")
    contoso.watch.tenant.monitor.reads_workspace = False
    assert contoso.init("--force") == 3
    assert contoso.file.read_bytes() == b"mine"


def test_a_file_that_appears_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "dawnwatch.toml"
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        create_file(path, b"other")
    assert path.read_bytes() == b"mine"


def test_a_file_that_cannot_be_written_leaves_nothing_behind(contoso: Initiating, tmp_path: Path) -> None:
    longest = tmp_path / ("x" * 250 + ".toml")  # there is no room for the name of the file that becomes it
    assert contoso.init(output=str(longest)) == 3
    assert "could not be written (File name too long). Nothing has changed." in contoso.said
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_can_be_read_by_whom_other_files_can(contoso: Initiating, tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    assert contoso.init() == 0
    assert contoso.file.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_names_with_anything_in_them_break_nothing(contoso: Initiating) -> None:
    tenant = contoso.watch.tenant
    tenant.display_name = 'Contoso"\n[cloud]\nname = "china"\u2028\x1b]0;owned\x07'
    tenant.application("Desktop-Analytics-Connection").name = '"""\n[[target]]\n# \x00\u202e'
    tenant.applications[0].requests = [Permission(api=MICROSERVICE, roles=[*tenant.applications[0].requests[0].roles])]
    assert contoso.init() == 0
    assert set(contoso.written) == {"cloud", "target"}
    assert contoso.written["cloud"]["name"] == "custom"
    assert [one["name"] for one in contoso.written["target"]] == ["contoso-cloud-name-china"]
    assert "\x1b" not in contoso.said
    assert contoso.run("config", "check") == 0


def test_the_options_have_defaults() -> None:
    args = parse()
    assert (str(args.output), args.subscription, args.workspace, args.yes) == ("dawnwatch.toml", [], [], False)
