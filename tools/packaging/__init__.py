"""From the work tree and requirements.lock to dist/dawnwatch.zip: read contents.py for what is in it, then build.py."""
