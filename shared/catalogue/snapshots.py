"""The catalogue's lines on daily snapshots."""

from shared.catalogue import blades
from shared.catalogue.entry import Entry, Way
from shared.model import Severity

_LOOK = "In the Azure portal, open Log Analytics workspaces > {workspace} > Logs, and run: {query}"
_HEALTH = "Open the service health dashboard: Microsoft 365 admin center > Health > Service health."

ENTRIES = (
    Entry(
        id="snapshot.at_risk",
        severity=Severity.WARNING,
        title="The {subject} snapshot is later than usual",
        when="It is not yet due, and later than it has arrived on 19 of 20 earlier days.",
        meaning="It may still come in time. If it does not, people will see yesterday's data when it is due.",
        way=Way(
            (
                "Wait until it is due; Dawnwatch looks again by itself.",
                "Meanwhile, put right whatever is named as a likely cause.",
                _LOOK,
            ),
            blades.WORKSPACE_LOGS,
        ),
    ),
    Entry(
        id="snapshot.late",
        severity=Severity.ERROR,
        title="The {subject} snapshot is late",
        when="It is due, and the newest snapshot is older than it should be.",
        meaning="Reports and portals show older data than people expect.",
        way=Way(
            (
                "Tell those who rely on the reports that they show the data of {newest}.",
                "Put right whatever is named as a likely cause.",
                "Otherwise wait another 24 hours for the next daily refresh.",
                (
                    "If it is still missing then, check the service health dashboard; if the service is "
                    "healthy, contact Microsoft support."
                ),
            ),
            blades.WORKSPACE_LOGS,
        ),
    ),
    Entry(
        id="snapshot.stale",
        severity=Severity.CRITICAL,
        title="The {subject} snapshot has been late for {late_for}",
        when=(
            "It has been late for 24 hours or more since the first due that was missed, or a table "
            "has no row in the look-back."
        ),
        meaning="Waiting another 24 hours did not help: a daily refresh was missed and so was the next.",
        way=Way(
            (
                "Put right whatever is named as a likely cause.",
                _HEALTH + " If Microsoft is investigating, wait: there is no need to contact support.",
                "If the service is healthy, contact Microsoft support.",
                (
                    "For Desktop Analytics, also look at Component Status in the Configuration Manager "
                    "console: SMS_SERVICE_CONNECTOR turns critical (message 11488) when it cannot reach the "
                    "service."
                ),
            ),
            blades.SERVICE_HEALTH,
        ),
    ),
    Entry(
        id="snapshot.partial",
        severity=Severity.ERROR,
        title="The {subject} snapshot is incomplete",
        when="Some tables of the set have the snapshot and others not, or one has too few rows against earlier ones.",
        meaning="Reports mix old and new data, or leave devices out.",
        way=Way(
            (
                _LOOK,
                "Put right whatever is named as a likely cause.",
                (
                    "Otherwise wait for the next daily refresh. If it is incomplete too, check the service "
                    "health dashboard; if the service is healthy, contact Microsoft support."
                ),
            ),
            blades.WORKSPACE_LOGS,
        ),
    ),
    Entry(
        id="snapshot.no_data",
        severity=Severity.ERROR,
        rule="error; informational within 72 hours of `onboarded_at`",
        title="{subject} has never held data",
        when="A table is missing or has never held a row.",
        meaning=(
            "The feed into this table was never set up, or goes to another workspace. First data "
            "takes two to three days."
        ),
        way=Way(
            (
                "If it was set up less than three days ago, wait: first data takes 48 to 72 hours.",
                "Check that the service sends its data to {workspace}, and not to another workspace.",
                "Check that devices are enrolled and send diagnostic data.",
                "If the table is not meant to be here, take it out of the configuration of {target}.",
            ),
            blades.WORKSPACE_LOGS,
        ),
    ),
    Entry(
        id="snapshot.frozen",
        severity=Severity.WARNING,
        title="The {subject} snapshot is rewritten, but not refreshed",
        when="The snapshot is there, but the newest `content_column` in it is older than allowed, or empty.",
        meaning="The daily copy works, but devices no longer report into it. The rows look new and say old things.",
        way=Way(
            (
                _LOOK,
                "Check that devices still send diagnostic data: data sharing, proxy and internet endpoints.",
                (
                    "In the Configuration Manager console, open Software Library > Desktop Analytics "
                    "Servicing > Connection Health, where there is one."
                ),
                _HEALTH,
            ),
            blades.WORKSPACE_LOGS,
        ),
    ),
    Entry(
        id="snapshot.future",
        severity=Severity.WARNING,
        title="The {subject} snapshot is dated in the future",
        when="The newest row lies more than an hour ahead of now.",
        meaning="A clock is wrong, there or here. Rows from the future do not count as today's snapshot.",
        way=Way(
            (
                "Check the clock and the time zone of whatever writes into the table: times have to be UTC.",
                "Check the clock of the machine that runs Dawnwatch.",
                _LOOK,
            ),
            blades.WORKSPACE_LOGS,
        ),
    ),
)
