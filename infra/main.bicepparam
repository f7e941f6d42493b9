using 'main.bicep'

// What azd knows (azd env set NAME VALUE), and what holds where nothing is set. docs/deploy.md lists the variables.

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dawnwatch')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')

// Resource ids with commas between them.
param watchedWorkspaces = map(
  filter(split(readEnvironmentVariable('DAWNWATCH_WORKSPACES', ''), ','), id => !empty(trim(id))),
  id => trim(id)
)

param tellTeams = bool(readEnvironmentVariable(
  'DAWNWATCH_TEAMS',
  empty(readEnvironmentVariable('DAWNWATCH_TEAMS_WEBHOOK_URL', '')) ? 'false' : 'true'
))
param teamsWebhookUrl = readEnvironmentVariable('DAWNWATCH_TEAMS_WEBHOOK_URL', '')
param eventGridTopic = bool(readEnvironmentVariable('DAWNWATCH_EVENT_GRID', 'true'))
param alertEmail = readEnvironmentVariable('DAWNWATCH_ALERT_EMAIL', '')

param configurationInBlob = bool(readEnvironmentVariable('DAWNWATCH_CONFIGURATION_IN_BLOB', 'false'))
param operator = empty(readEnvironmentVariable('DAWNWATCH_OPERATOR_ID', ''))
  ? null
  : {
      principalId: readEnvironmentVariable('DAWNWATCH_OPERATOR_ID', '')
      principalType: readEnvironmentVariable('DAWNWATCH_OPERATOR_TYPE', 'User')
    }

// Setting=secret, with commas between them.
param vaultSettings = toObject(
  filter(split(readEnvironmentVariable('DAWNWATCH_VAULT_SETTINGS', ''), ','), pair => !empty(trim(pair))),
  pair => trim(first(split(pair, '='))),
  pair => trim(last(split(pair, '=')))
)

param network = readEnvironmentVariable('DAWNWATCH_NETWORK', 'public')
param addressPrefix = readEnvironmentVariable('DAWNWATCH_ADDRESS_PREFIX', '10.86.0.0/24')
param redundancy = readEnvironmentVariable('DAWNWATCH_REDUNDANCY', 'local')
var memories = { '512': 512, '2048': 2048, '4096': 4096 }
param instanceMemoryMB = memories[readEnvironmentVariable('DAWNWATCH_INSTANCE_MEMORY_MB', '2048')]
param maximumInstanceCount = int(readEnvironmentVariable('DAWNWATCH_MAXIMUM_INSTANCES', '40'))
param diagnostics = readEnvironmentVariable('DAWNWATCH_DIAGNOSTICS', 'lean')
