"""The models that msgraph-sdk generates, on the same query: what a list costs without the bytes."""

import asyncio
import os
import sys
import time
import warnings
from datetime import datetime
from pathlib import Path

from bench import product
from bench.box import Box
from bench.table import Row, at_least, note
from shared.config import Settings, load_settings
from shared.gather.connections import open_azure

BOUND = 100
PAGES = 3


def measure_models(box: Box, product_rate: float) -> list[Row]:
    """Compare the product's rate with that of the models, which is the same for any number of objects.

    Both ask for the same fields. The models' clock starts when all is imported, and only they are timed here.
    """
    rate = float(box.run_apart("bench.models"))
    return [
        at_least("objects a second, against the generated msgraph models", product_rate / rate, BOUND),
        note(f"  the models, on {PAGES} pages of 999 applications", f"{rate:,.0f} objects/s"),
    ]


async def _rate(settings: Settings, now: datetime) -> float:
    """The models' objects a second, over the product's own adapter, connections and tokens."""
    from msgraph.graph_service_client import GraphServiceClient

    target = settings.targets[0]
    async with open_azure(settings.cloud, settings.limits, target, now, lambda pages, read: None) as azure:
        collection = GraphServiceClient(request_adapter=azure.graph).applications
        read, link = 0, f"{azure.endpoints.graph}/v1.0{product.SELECTED}"
        await collection.with_url(link.replace("$top=999", "$top=1")).get()
        started = time.perf_counter()
        for _ in range(PAGES):
            page = await collection.with_url(link).get()
            read += len(page.value or []) if page else 0
            link = (page.odata_next_link if page else None) or ""
        return read / (time.perf_counter() - started)


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)  # the models warn of themselves when imported
    print(asyncio.run(_rate(load_settings(Path(sys.argv[1]), os.environ), datetime.fromisoformat(sys.argv[2]))))
