#!/bin/sh
# The package that azd deploys, made anew: what lies in build/package may be of another day.
exec sh "$(dirname "$0")/run.sh" -m tools.packaging
