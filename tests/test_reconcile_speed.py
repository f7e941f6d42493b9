"""The benchmark of reconcile measures what it says, and what a state holds does not grow from pass to pass."""

from bench.reconciling import PASSES, time_passes, trace_passes


def test_memory_stays_flat_over_the_passes_of_days() -> None:
    traced = trace_passes(300)
    assert len(traced) == PASSES
    second_round, last_round = traced[9], traced[-1]
    assert last_round[1] < second_round[1] * 1.25
    assert last_round[0] < second_round[0] * 1.25


def test_the_benchmark_returns_seconds_and_bytes() -> None:
    assert max(time_passes(100)) > 0
    assert 0 < max(peak for peak, _ in trace_passes(100)) < 1_000_000
