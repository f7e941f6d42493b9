# Runs Python with the project, from wherever azd calls: `run.ps1 -m tools.before_provision`.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '../..')
$python = '.venv/Scripts/python.exe'
if (Test-Path $python) {
    & $python @args
}
elseif (Get-Command uv -ErrorAction SilentlyContinue) {
    & uv run --quiet python @args
}
else {
    [Console]::Error.WriteLine('Dawnwatch is not set up here: install uv (https://docs.astral.sh/uv/).')
    exit 1
}
exit $LASTEXITCODE
