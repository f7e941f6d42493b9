"""`dawnwatch init` without the world: what was seen becomes targets, and they a commented dawnwatch.toml. Pure."""
