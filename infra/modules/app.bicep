metadata name = 'App'
metadata description = 'The monitor itself: a function app on the Flex Consumption plan, and its settings.'

import { schedule, secretName } from '../checks.bicep'
import { usualSchedules } from '../schedules.bicep'
import {
  diagnosticsType
  instanceMemoryType
  schedulesType
  settingsType
  tagsType
  vaultSettingsType
} from '../types.bicep'

@description('Required. The name of the function app.')
@minLength(2)
@maxLength(60)
param name string

@description('Required. The name of its plan.')
param planName string

@description('Required. The region.')
param location string

@description('Required. The tags.')
param tags tagsType

@description('Required. What azd calls the service that is deployed here.')
param serviceName string

@description('Required. The resource id of the identity of the monitor.')
param identityId string

@description('Required. Its client id.')
param clientId string

@description('Required. Where telemetry goes.')
param insightsConnectionString string

@description('Required. The address of the blobs of its storage account.')
param blobUri string

@description('Required. The address of its queues.')
param queueUri string

@description('Required. The address of its tables.')
param tableUri string

@description('Required. The container that the package is deployed to.')
param packageContainer string

@description('Required. Where the configuration is: a file in the package, or the address of a container.')
param configuration string

@description('Required. Settings that are there only where something was asked for.')
param optionalSettings settingsType

@description('Required. The address of the vault.')
param vaultUri string

@description('Required. Settings that are kept in the vault.')
param vaultSettings vaultSettingsType

@description('Required. Schedules other than the usual ones.')
param schedules schedulesType

@description('Required. The memory of one instance, in MB.')
param instanceMemoryMB instanceMemoryType

@description('Required. At most so many instances at once.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Optional. The subnet that it reaches out from; none: the internet.')
param subnetId string?

@description('Required. The workspace that takes the logs.')
param logsWorkspaceId string

@description('Required. Which logs are kept.')
param diagnostics diagnosticsType

// Flex Consumption takes the language from functionAppConfig and refuses FUNCTIONS_WORKER_RUNTIME.
var always = {
  AzureWebJobsStorage__blobServiceUri: blobUri
  AzureWebJobsStorage__queueServiceUri: queueUri
  AzureWebJobsStorage__tableServiceUri: tableUri
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  AZURE_CLIENT_ID: clientId
  DAWNWATCH_CONFIG: configuration
  DAWNWATCH_LEDGER: 'AzureWebJobsStorage'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  PYTHON_ENABLE_OPENTELEMETRY: 'true'
}
var scheduleSettings = toObject(
  items(union(usualSchedules, schedules)),
  setting => setting.key,
  setting => schedule(setting.key, setting.value)
)
var secretSettings = toObject(
  items(vaultSettings),
  setting => setting.key,
  setting => '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${secretName(setting.key, setting.value)})'
)
var settings = union(always, optionalSettings, scheduleSettings, secretSettings)

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': serviceName })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobUri}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        alwaysReady: []
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
      }
    }
    siteConfig: {
      appSettings: map(items(settings), setting => { name: setting.key, value: setting.value })
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      remoteDebuggingEnabled: false
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

// Telemetry has every line already; the platform's copy of it is for an app that does not even start.
#disable-next-line use-recent-api-versions // the stable one is older, and knows no groups of categories
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (diagnostics == 'full') {
  name: 'dawnwatch'
  scope: app
  properties: {
    workspaceId: logsWorkspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

@description('Where it answers.')
output url string = 'https://${app.properties.defaultHostName}'
