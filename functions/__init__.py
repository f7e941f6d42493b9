"""A blueprint per trigger: read the trigger, call shared, answer. No logic lives here."""
