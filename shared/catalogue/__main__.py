"""`python -m shared.catalogue > docs/findings.md`: write the page that people read."""

import sys

from shared.catalogue import render_catalogue

if __name__ == "__main__":
    sys.stdout.write(render_catalogue())
