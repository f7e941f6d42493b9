"""Fan-out: 5,000 targets from a timer over a real queue to worker processes, towards a box that takes 50 ms a call.

The workers are the Functions worker library with the whole app in it, the host is the tests' stand-in. All of it shares
this machine's cores, with the box and the storage emulator too: so the processor time of a pass says more of what an
instance in Azure does than the passes a second.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from azure.storage.queue import QueueMessage

from bench.azurite import open_azurite
from bench.box import Box, open_box
from bench.table import Row, note
from shared.app_settings import SCHEDULES
from tests.worker.queue_host import Handled, Numbers, QueueHost
from tests.worker.triggers import queue_message, timer
from tests.worker.worker import APP, Worker

TARGETS = 5_000
EACH = 1_000
"""How many of the passes are run with each number of workers."""
WORKERS = (1, 2, 4, 8)
LATENCY_MS = 50
_A_MESSAGE = '{{"target": "t0000", "check": "workspace-access", "planned_at": "{now}"}}'
_WHAT = f"{TARGETS:,} targets, {LATENCY_MS} ms a call: "


def measure_fanout() -> Iterator[Row]:
    """Plan once for all targets, then work a share of it off with 1, 2, 4 and 8 workers."""
    with open_azurite() as connection:
        if connection is None:
            yield note(f"{_WHAT}fan-out", "not measured: Node or Azurite is not installed")
            return
        with open_box(latency_ms=LATENCY_MS) as box:
            settings = _settings(box, connection)
            yield _plan(settings)
            for workers in WORKERS:
                yield from _work_off(settings, workers)


def _settings(box: Box, connection: str) -> Mapping[str, str]:
    head, _, target = box.config.partition("[[target]]")
    targets = (target.replace('name = "contoso"', f'name = "t{number:04}"') for number in range(TARGETS))
    path = box.folder / "many.toml"
    role = '[[target.role]]\nprincipal = "MALogAnalyticsReader"\nany_of = ["Log Analytics Reader"]\n'
    path.write_text(head + "".join(f"[[target]]{each}{role}" for each in targets), encoding="utf-8")
    schedules = {setting.name: setting.usual or "" for setting in SCHEDULES}
    own = {name: value for name, value in box.environment.items() if "WEBHOOK" not in name}
    return {**schedules, **own, "AzureWebJobsStorage": connection, "DAWNWATCH_CONFIG": str(path)}


def _plan(settings: Mapping[str, str]) -> Row:
    with Worker(settings) as worker:
        done = worker.invoke("workspace_access", timer())
        if not done.succeeded:
            raise RuntimeError(done.error)
    return note(f"{_WHAT}planned by one timer, from its start", f"{done.took_s:.1f} s, {TARGETS / done.took_s:,.0f}/s")


@dataclass
class _Share:
    """How many messages may still be fetched, by all hosts together."""

    left: int
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, wanted: int) -> int:
        with self.lock:
            taken = min(wanted, self.left)
            self.left -= taken
            return taken


class _Host(QueueHost):
    """A host that stops when its share is done."""

    share: _Share

    def _fetch(self) -> list[QueueMessage]:
        taken = self.share.take(self.numbers.batch_size)
        if not taken:
            return []
        pages = self._queue.receive_messages(messages_per_page=taken, visibility_timeout=self.numbers.hidden_s)
        return list(next(pages.by_page(), ()))


def _work_off(settings: Mapping[str, str], count: int) -> Iterator[Row]:
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(settings)) for _ in range(count)]
        for worker in workers:
            worker.invoke("passes", queue_message(_A_MESSAGE.format(now=datetime.now(UTC).isoformat())))
        used = [_Used.by(worker) for worker in workers]
        started_s, ended = time.perf_counter(), _run_hosts(stack, workers)
        took_s = time.perf_counter() - started_s
        spent = [_Used.by(worker).since(before) for worker, before in zip(workers, used, strict=True)]
    lines = [line for done in ended if done.invocation for line in done.invocation.logs]
    passed = [line.fields for line in lines if line.message.startswith("pass ended")]
    if len(passed) < EACH or any(fields["outcome"] != "clear" for fields in passed):
        raise RuntimeError(f"{len(passed)} of {EACH} passes ended: {Counter(each['outcome'] for each in passed)}")
    calls, cpu_ms = mean(float(fields["calls"]) for fields in passed), sum(one.cpu_s for one in spent) / EACH * 1e3
    a_pass_mb, peak_mb = _a_pass_mb(used, spent), max(one.peak_mb for one in spent)
    each = f"{calls:.0f} calls, {cpu_ms:.0f} ms of processor, {a_pass_mb:.1f} MB of {peak_mb:.0f} MB"
    what = f"{_WHAT}{EACH:,} passes of workspace-access, {count} worker{'s' if count > 1 else ''}"
    yield note(what, f"{EACH / took_s:.0f}/s; each {each}")


def _a_pass_mb(before: "Sequence[_Used]", after: "Sequence[_Used]") -> float:
    """The memory of one pass in MB: what the peak grew by, from one pass to as many as the host lets be under way."""
    numbers = Numbers.read(APP)
    grew_mb = max(end.peak_mb - start.peak_mb for start, end in zip(before, after, strict=True))
    return grew_mb / (numbers.batch_size + numbers.new_batch_threshold)


def _run_hosts(stack: ExitStack, workers: Sequence[Worker]) -> list[Handled]:
    share, numbers = _Share(EACH), Numbers.read(APP)
    hosts = [stack.enter_context(_Host(worker, "passes", numbers)) for worker in workers]
    for host in hosts:
        host.share = share
    with ThreadPoolExecutor(len(hosts)) as pool:
        return [handled for done in pool.map(_Host.drain, hosts) for handled in done]


@dataclass(frozen=True, slots=True)
class _Used:
    """What a worker's process has used: seconds of processor, and the most memory it ever held."""

    cpu_s: float
    peak_mb: float

    @classmethod
    def by(cls, worker: Worker) -> "_Used":
        process = Path(f"/proc/{worker.process.running.pid}")
        times = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        peak = next(line for line in (process / "status").read_text(encoding="utf-8").splitlines() if "VmHWM" in line)
        return cls((int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) / 1024)

    def since(self, before: "_Used") -> "_Used":
        """What was used since then; the peak is the whole process's."""
        return _Used(self.cpu_s - before.cpu_s, self.peak_mb)
