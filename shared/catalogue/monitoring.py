"""The catalogue's lines on Microsoft's services, and on the watching itself."""

from shared.catalogue import blades
from shared.catalogue.entry import Entry, Way
from shared.model import Severity

ENTRIES = (
    Entry(
        id="service.incident",
        severity=Severity.INFORMATIONAL,
        title="Microsoft reports an incident on {subject}",
        when="Microsoft reports an incident on a service that the target depends on.",
        meaning="Microsoft is aware and working on it. Daily data may be late until it is resolved.",
        way=Way(
            (
                "Open Microsoft 365 admin center > Health > Service health and read the incident.",
                "Wait for Microsoft to resolve it: there is no need to contact support.",
            ),
            blades.SERVICE_HEALTH,
        ),
    ),
    Entry(
        id="monitor.gather_failed",
        severity=Severity.ERROR,
        title="{subject} could not be read",
        when="Something could not be read.",
        meaning=(
            "Dawnwatch cannot tell whether it is well. Nothing that depends on it is called clear until it was read."
        ),
        way=Way(("See that the monitor may read it: the README lists the permissions that it needs.",)),
    ),
    Entry(
        id="monitor.delivery_failed",
        severity=Severity.ERROR,
        title="{subject} has not taken a message for 24 hours",
        when="A channel has refused or not answered for 24 hours.",
        meaning=(
            "People who rely on this channel have not been told. What is pending is kept, and sent when it answers."
        ),
        way=Way(
            (
                (
                    "Teams: open the Workflows app, find the webhook's flow, see that it is on, has an owner "
                    "and ran without error; put a new address into DAWNWATCH_TEAMS_WEBHOOK_URL if it was made"
                    " anew."
                ),
                (
                    "Event Grid: open the topic in the Azure portal > Access control (IAM), and see that "
                    "Dawnwatch's identity holds EventGrid Data Sender there."
                ),
            )
        ),
    ),
)
