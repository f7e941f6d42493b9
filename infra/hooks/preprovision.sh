#!/bin/sh
# Before anything is changed: is the configuration right, are the variables, are the workspaces there?
exec sh "$(dirname "$0")/run.sh" -m tools.before_provision
