"""Pure judgement: (expectations, facts, now) -> findings. No clock, no I/O, no SDK."""
