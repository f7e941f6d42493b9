# The package that azd deploys, made anew: what lies in build/package may be of another day.
& (Join-Path $PSScriptRoot 'run.ps1') -m tools.packaging
exit $LASTEXITCODE
