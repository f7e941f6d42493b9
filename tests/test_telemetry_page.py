"""docs/telemetry.md says what the code tells, and nothing else."""

from tests.told import Said, by_the_code, by_the_page


def test_the_page_has_every_message_with_its_level_and_its_fields() -> None:
    assert by_the_page() == by_the_code()


def test_what_is_compared_is_what_is_meant() -> None:
    told = by_the_code()
    assert len(told) > 20
    assert told["not delivered"] == Said({"warning"}, {"target", "channel", "reason"})
    assert told["state conflict"] == Said({"information"}, {"target", "check"})
