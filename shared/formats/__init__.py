"""From a report to what people read: `table` for the terminal (needs rich), `markdown` for a ticket."""
