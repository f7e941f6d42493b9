metadata name = 'Dawnwatch'
metadata description = 'A monitor that watches, speaks, and is itself watched: everything in one resource group, and what it may read elsewhere.'

targetScope = 'subscription'

import { addressRange, emailAddress, environmentNameOf, workspaceId } from 'checks.bicep'
import { monitorRoles, operatorRoles } from 'roles.bicep'
import { usualQuietLimits } from 'schedules.bicep'
import {
  diagnosticsType
  environmentNameType
  instanceMemoryType
  networkType
  operatorType
  quietLimitType
  redundancyType
  schedulesType
  tagsType
  vaultSettingsType
  workspaceIdType
} from 'types.bicep'

@description('Required. Names this deployment; the resource group is named after it.')
param environmentName environmentNameType

@description('Required. The region; it must have Flex Consumption (az functionapp list-flexconsumption-locations).')
param location string

@description('Optional. More tags on everything.')
param tags tagsType = {}

@description('Optional. The workspaces to watch: the monitor may read them, in whichever resource group and subscription they are. Those of other tenants are granted there, by dawnwatch grant.')
param watchedWorkspaces workspaceIdType[] = []

@description('Optional. Whether cards go to Teams: the app reads the webhook from the vault.')
param tellTeams bool = false

@description('Optional. The webhook of the Teams workflow, to be put into the vault; empty: what is there stays.')
@secure()
param teamsWebhookUrl string = ''

@description('Optional. Whether there is a topic of Event Grid that events go to.')
param eventGridTopic bool = true

@description('Optional. Who is told when the monitor itself fails: an e-mail address; empty: the alerts stand in the portal alone.')
param alertEmail string = ''

@description('Optional. Whether the configuration is kept in a blob container, and not in the package.')
param configurationInBlob bool = false

@description('Optional. Who keeps the configuration in its container, and the secrets in the vault.')
param operator operatorType?

@description('Optional. More app settings that are kept in the vault, such as what proves the identity of a target.')
param vaultSettings vaultSettingsType = {}

@description('Optional. How the storage, the vault and the topic are reached.')
param network networkType = 'public'

@description('Optional. The address range of the private network.')
param addressPrefix string = '10.86.0.0/24'

@description('Optional. What may fail without the loss of what is stored.')
param redundancy redundancyType = 'local'

@description('Optional. The memory of one instance, in MB.')
param instanceMemoryMB instanceMemoryType = 2048

@description('Optional. At most so many instances at once.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Optional. Schedules other than the usual ones.')
param schedules schedulesType = {}

@description('Optional. How long each check may be without a good pass before somebody is told.')
param quietLimits quietLimitType[]?

@description('Optional. For how many days telemetry is kept.')
@minValue(30)
@maxValue(730)
param retentionInDays int = 90

@description('Optional. At how many GB a day telemetry stops; -1: never.')
@minValue(-1)
@maxValue(100)
param dailyCapGb int = 5

@description('Optional. Which logs are kept beside the telemetry.')
param diagnostics diagnosticsType = 'lean'

var serviceName = 'monitor'
var packageContainer = 'package'
var configurationContainer = 'dawnwatch'
var configurationFile = 'dawnwatch.toml'
var workspaces = union([], map(watchedWorkspaces, id => toLower(workspaceId(id)))) // each once
var webhookSecretName = 'teams-webhook-url'
var identityName = 'id-${environmentName}'
// What it says does not hold the URL: that is a secret.
var retiredHosts = ['.webhook.office.com', '//outlook.office.com/', '//outlook.office365.com/']
var webhookUrl = !empty(filter(retiredHosts, host => contains(toLower(teamsWebhookUrl), host))) || !empty(teamsWebhookUrl) && !startsWith(
    teamsWebhookUrl,
    'https://'
  )
  ? fail('teamsWebhookUrl (DAWNWATCH_TEAMS_WEBHOOK_URL): this is no webhook of a Teams workflow. Those of the retired Office 365 connectors (….webhook.office.com) take these cards no more: make a workflow in the channel, as docs/deploy.md says.')
  : teamsWebhookUrl
var token = uniqueString(subscription().id, environmentName, location)
var appName = 'func-${token}'
var allTags = union(tags, { 'azd-env-name': environmentName, application: 'dawnwatch' })

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentNameOf(environmentName)}'
  location: location
  tags: allTags
}

// What the modules make, by ids that are known before it is made: so are they in a preview and in the snapshot.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  scope: group
  name: identityName
}

resource logs 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  scope: group
  name: 'log-${environmentName}'
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  scope: group
  name: 'st${token}'
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  scope: group
  name: 'kv-${token}'
}

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  scope: group
  name: 'evgt-${token}'
}

resource privateNetwork 'Microsoft.Network/virtualNetworks@2024-07-01' existing = {
  scope: group
  name: 'vnet-${environmentName}'

  resource appSubnet 'subnets' existing = {
    name: 'app'
  }

  resource endpointsSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

module identityModule 'modules/identity.bicep' = {
  scope: group
  params: {
    name: identity.name
    location: location
    tags: allTags
  }
}

module insightsModule 'modules/insights.bicep' = {
  scope: group
  params: {
    name: 'appi-${environmentName}'
    workspaceName: logs.name
    location: location
    tags: allTags
    retentionInDays: retentionInDays
    dailyCapGb: dailyCapGb
    identityName: identity.name
    principalId: identityModule.outputs.principalId
    roles: monitorRoles.insights
  }
}

module storageModule 'modules/storage.bicep' = {
  scope: group
  dependsOn: [insightsModule]
  params: {
    name: account.name
    location: location
    tags: allTags
    network: network
    redundancy: redundancy
    packageContainer: packageContainer
    configurationContainer: configurationInBlob ? configurationContainer : null
    identityName: identity.name
    principalId: identityModule.outputs.principalId
    roles: monitorRoles.storage
    operator: operator
    operatorContainerRoles: operatorRoles.container
    logsWorkspaceId: logs.id
    diagnostics: diagnostics
  }
}

module vaultModule 'modules/vault.bicep' = {
  scope: group
  dependsOn: [insightsModule]
  params: {
    name: vault.name
    location: location
    tags: allTags
    network: network
    identityName: identity.name
    principalId: identityModule.outputs.principalId
    roles: monitorRoles.vault
    operator: operator
    operatorVaultRoles: operatorRoles.vault
    webhookSecretName: webhookSecretName
    teamsWebhookUrl: webhookUrl
    logsWorkspaceId: logs.id
    diagnostics: diagnostics
  }
}

module topicModule 'modules/topic.bicep' = if (eventGridTopic) {
  scope: group
  dependsOn: [insightsModule]
  params: {
    name: topic.name
    location: location
    tags: allTags
    network: network
    identityName: identity.name
    principalId: identityModule.outputs.principalId
    roles: monitorRoles.topic
    logsWorkspaceId: logs.id
  }
}

module networkModule 'modules/network.bicep' = if (network == 'private') {
  scope: group
  params: {
    name: privateNetwork.name
    location: location
    tags: allTags
    addressPrefix: addressRange(addressPrefix)
  }
}

module storageEndpoints 'modules/endpoint.bicep' = [
  for part in ['blob', 'queue', 'table']: if (network == 'private') {
    scope: group
    dependsOn: [networkModule, storageModule]
    params: {
      name: 'pep-${environmentName}-${part}'
      location: location
      tags: allTags
      serviceId: account.id
      part: part
      zoneName: 'privatelink.${part}.${environment().suffixes.storage}'
      networkId: privateNetwork.id
      subnetId: privateNetwork::endpointsSubnet.id
    }
  }
]

// The suffix of vaults is .vault.azure.net where their zone is vaultcore.azure.net, and alike in the other clouds.
module vaultEndpoint 'modules/endpoint.bicep' = if (network == 'private') {
  scope: group
  dependsOn: [networkModule, vaultModule]
  params: {
    name: 'pep-${environmentName}-vault'
    location: location
    tags: allTags
    serviceId: vault.id
    part: 'vault'
    zoneName: 'privatelink.${replace(environment().suffixes.keyvaultDns, '.vault.', 'vaultcore.')}'
    networkId: privateNetwork.id
    subnetId: privateNetwork::endpointsSubnet.id
  }
}

module topicEndpoint 'modules/endpoint.bicep' = if (network == 'private' && eventGridTopic) {
  scope: group
  dependsOn: [networkModule]
  params: {
    name: 'pep-${environmentName}-topic'
    location: location
    tags: allTags
    serviceId: topic.id
    part: 'topic'
    // Which domain topics are in differs between the clouds of Azure, and only a topic tells.
    #disable-next-line what-if-short-circuiting
    zoneName: 'privatelink.${topicModule.?outputs.domain ?? ''}'
    networkId: privateNetwork.id
    subnetId: privateNetwork::endpointsSubnet.id
  }
}

module watched 'modules/watched.bicep' = [
  for id in workspaces: {
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      workspaceName: last(split(id, '/'))
      // Assignments are named after it: those that an identity before this one left behind are not in the way.
      #disable-next-line what-if-short-circuiting
      principalId: identityModule.outputs.principalId
      roles: monitorRoles.workspace
    }
  }
]

// The app comes after everything that it needs at its start: its roles, and the ways to what is private.
module appModule 'modules/app.bicep' = {
  scope: group
  dependsOn: [storageEndpoints, vaultEndpoint, topicEndpoint]
  params: {
    name: appName
    planName: 'plan-${environmentName}'
    location: location
    tags: allTags
    serviceName: serviceName
    identityId: identity.id
    clientId: identityModule.outputs.clientId
    insightsConnectionString: insightsModule.outputs.connectionString
    blobUri: storageModule.outputs.blobUri
    queueUri: storageModule.outputs.queueUri
    tableUri: storageModule.outputs.tableUri
    packageContainer: packageContainer
    configuration: configurationInBlob ? '${storageModule.outputs.blobUri}${configurationContainer}' : configurationFile
    optionalSettings: eventGridTopic ? { DAWNWATCH_NOTIFY_EVENT_GRID_TOPIC: topicModule!.outputs.endpoint } : {}
    vaultUri: vaultModule.outputs.uri
    vaultSettings: union(vaultSettings, tellTeams ? { DAWNWATCH_TEAMS_WEBHOOK_URL: webhookSecretName } : {})
    schedules: schedules
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    subnetId: network == 'private' ? privateNetwork::appSubnet.id : null
    logsWorkspaceId: logs.id
    diagnostics: diagnostics
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  dependsOn: [insightsModule]
  params: {
    name: 'alert-${environmentName}'
    actionGroupName: 'ag-${environmentName}'
    location: location
    tags: allTags
    workspaceId: logs.id
    alertEmail: emailAddress(alertEmail)
    quietLimits: quietLimits ?? usualQuietLimits
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  dependsOn: [insightsModule]
  params: {
    displayName: 'Dawnwatch (${environmentName})'
    location: location
    tags: allTags
    workspaceId: logs.id
  }
}

@description('The resource group: azd deploys to the app in it.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app.')
output DAWNWATCH_APP string = appName

@description('Where it answers.')
output DAWNWATCH_URL string = appModule.outputs.url

@description('The object id of the monitor: dawnwatch grant gives it what only Microsoft Graph can give.')
output DAWNWATCH_IDENTITY_PRINCIPAL_ID string = identityModule.outputs.principalId

@description('Its client id: what an app registration of another tenant trusts, and dawnwatch.toml names.')
output DAWNWATCH_IDENTITY_CLIENT_ID string = identityModule.outputs.clientId

@description('The resource id of the topic, where there is one.')
output DAWNWATCH_TOPIC_ID string = eventGridTopic ? topic.id : ''

@description('The vault for the webhook and other secrets.')
output DAWNWATCH_VAULT string = vault.name

@description('The storage account, with the container for the configuration where there is one.')
output DAWNWATCH_STORAGE string = account.name
