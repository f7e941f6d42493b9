# What Bicep cannot give: permissions on Microsoft Graph, and roles in other tenants. The identity, the topic and the
# workspaces come from azd's environment. It shows what it does; what is there already stays.
& (Join-Path $PSScriptRoot 'run.ps1') -m shared.cli grant --yes
exit $LASTEXITCODE
