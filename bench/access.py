"""4,000 role assignments on one workspace: the whole gather, against reading the pages of assignments bare."""

from bench import bare, product
from bench.box import PROFILES, Box
from bench.race import race
from bench.table import Row, at_most, note

ASSIGNMENTS = 4_000
BOUND = 2
ROUNDS = 9


def measure_access(box: Box) -> list[Row]:
    """Measure the gather; unfair only to the product, which reads the workspace, denials and principals as well."""
    settings = box.settings(PROFILES)
    place = f"{box.url}{settings.targets[0].workspace_id}/providers/Microsoft.Authorization/roleAssignments"
    urls = [f"{place}?api-version=2022-04-01&$filter=atScope()"]
    taken = race(
        {
            "product": lambda: product.read_access(settings, box.now),
            "bare": lambda: bare.read_pages(box, urls, "nextLink"),
        },
        ROUNDS,
    )
    what = f"{ASSIGNMENTS:,} role assignments: time against bare httpx and json.loads"
    seconds = f"{taken['product'] * 1e3:.0f} ms against {taken['bare'] * 1e3:.0f} ms"
    return [at_most(what, taken["product"] / taken["bare"], BOUND), note("  the gather against the yardstick", seconds)]
