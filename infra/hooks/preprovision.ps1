# Before anything is changed: is the configuration right, are the variables, are the workspaces there?
& (Join-Path $PSScriptRoot 'run.ps1') -m tools.before_provision
exit $LASTEXITCODE
