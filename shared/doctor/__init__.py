"""`dawnwatch doctor`: can the monitor read, write down and tell what it must? Nothing is green that cannot be told.

Each file examines one area: it reads what it needs, judges it with a pure function, and gives points. `examine` puts
them together, and bounds the time that it all takes.
"""

from shared.doctor.diagnosis import Diagnosis, Outcome, Point, Verdict
from shared.doctor.doctor_json import doctor_json
from shared.doctor.examine import MOST_TARGETS, examine, misconfigured

__all__ = [
    "MOST_TARGETS",
    "Diagnosis",
    "Outcome",
    "Point",
    "Verdict",
    "doctor_json",
    "examine",
    "misconfigured",
]
