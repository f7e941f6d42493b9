metadata name = 'Storage'
metadata description = 'What the monitor keeps: its package, what is planned, and the ledger; the configuration too, where it is wanted there.'

import { diagnosticsType, networkType, operatorType, redundancyType, roleType, tagsType } from '../types.bicep'

@description('Required. The name of the storage account.')
@minLength(3)
@maxLength(24)
param name string

@description('Required. The region.')
param location string

@description('Required. The tags.')
param tags tagsType

@description('Required. Whether public endpoints are open.')
param network networkType

@description('Required. What may fail without the loss of what is stored.')
param redundancy redundancyType

@description('Required. The container that the package is deployed to.')
param packageContainer string

@description('Optional. The container with the configuration; none: it is in the package.')
param configurationContainer string?

@description('Required. The name of the identity of the monitor: its role assignments are named after it.')
param identityName string

@description('Required. Its object id.')
param principalId string

@description('Required. The roles of the monitor on the account.')
param roles roleType[]

@description('Optional. Who keeps the configuration.')
param operator operatorType?

@description('Required. The roles of the operator on the container of the configuration.')
param operatorContainerRoles roleType[]

@description('Required. The workspace that takes the logs.')
param logsWorkspaceId string

@description('Required. Which logs are kept.')
param diagnostics diagnosticsType

var keptForDays = 7

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: redundancy == 'zone' ? 'Standard_ZRS' : 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: network == 'private' ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: network == 'private' ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: {
        enabled: true
        days: keptForDays
      }
      containerDeleteRetentionPolicy: {
        enabled: true
        days: keptForDays
      }
    }

    resource package 'containers' = {
      name: packageContainer
      properties: {
        publicAccess: 'None'
      }
    }

    resource configuration 'containers' = if (configurationContainer != null) {
      name: configurationContainer ?? 'none'
      properties: {
        publicAccess: 'None'
      }
    }
  }

  resource queues 'queueServices' = {
    name: 'default'
  }

  resource tables 'tableServices' = {
    name: 'default'
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(account.id, identityName, role.id)
    scope: account
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      description: 'Dawnwatch: ${role.why}'
    }
  }
]

resource operatorAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in operatorContainerRoles: if (configurationContainer != null && operator != null) {
    name: guid(account::blobs::configuration.id, operator.?principalId ?? '', role.id)
    scope: account::blobs::configuration
    properties: {
      principalId: operator.?principalId ?? ''
      principalType: operator.?principalType ?? 'User'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      description: 'Dawnwatch: ${role.why}'
    }
  }
]

// Deletions alone are few; every read and write of queues and tables would be more than all telemetry.
#disable-next-line use-recent-api-versions // the stable one is older, and knows no groups of categories
resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'dawnwatch'
  scope: account::blobs
  properties: {
    workspaceId: logsWorkspaceId
    logs: diagnostics == 'full'
      ? [{ categoryGroup: 'allLogs', enabled: true }]
      : [{ category: 'StorageDelete', enabled: true }]
  }
}

#disable-next-line use-recent-api-versions // the stable one is older, and knows no groups of categories
resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (diagnostics == 'full') {
  name: 'dawnwatch'
  scope: account::queues
  properties: {
    workspaceId: logsWorkspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

#disable-next-line use-recent-api-versions // the stable one is older, and knows no groups of categories
resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (diagnostics == 'full') {
  name: 'dawnwatch'
  scope: account::tables
  properties: {
    workspaceId: logsWorkspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

@description('The address of its blobs.')
output blobUri string = account.properties.primaryEndpoints.blob

@description('The address of its queues.')
output queueUri string = account.properties.primaryEndpoints.queue

@description('The address of its tables.')
output tableUri string = account.properties.primaryEndpoints.table
