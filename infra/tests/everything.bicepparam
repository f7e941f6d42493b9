using '../main.bicep'

// Everything that is optional, switched on, with workspaces in two other subscriptions: for the tests alone.

param environmentName = 'everything'
param location = 'northeurope'
param tags = { owner: 'data-platform' }
param watchedWorkspaces = [
  '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-contoso/providers/Microsoft.OperationalInsights/workspaces/law-contoso'
  '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-fabrikam/providers/Microsoft.OperationalInsights/workspaces/law-fabrikam'
]
param tellTeams = true
param teamsWebhookUrl = 'https://example.environment.api.powerplatform.com/workflows/1?sig=not-a-real-signature'
param eventGridTopic = true
param alertEmail = 'mornings@example.com'
param configurationInBlob = true
param operator = {
  principalId: '33333333-3333-3333-3333-333333333333'
  principalType: 'Group'
}
param vaultSettings = { FABRIKAM_CERTIFICATE: 'fabrikam-certificate' }
param network = 'private'
param addressPrefix = '10.20.30.0/24'
param redundancy = 'zone'
param instanceMemoryMB = 4096
param maximumInstanceCount = 100
param schedules = { WORKSPACE_ACCESS_SCHEDULE: '0 5 */2 * * *' }
param quietLimits = [
  { check: 'workspace-access', fromHour: 0, toHour: 24, minutes: 255 }
  { check: 'snapshot-currency', fromHour: 5, toHour: 10, minutes: 45 }
]
param retentionInDays = 180
param dailyCapGb = -1
param diagnostics = 'full'
