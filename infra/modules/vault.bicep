metadata name = 'Vault'
metadata description = 'The secrets: the webhook of Teams, and whatever proves the identities of targets.'

import { diagnosticsType, networkType, operatorType, roleType, tagsType } from '../types.bicep'

@description('Required. The name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Required. The region.')
param location string

@description('Required. The tags.')
param tags tagsType

@description('Required. Whether the public endpoint is open.')
param network networkType

@description('Required. The name of the identity of the monitor: its role assignments are named after it.')
param identityName string

@description('Required. Its object id.')
param principalId string

@description('Required. The roles of the monitor on the vault.')
param roles roleType[]

@description('Optional. Who keeps the secrets.')
param operator operatorType?

@description('Required. The roles of the operator on the vault.')
param operatorVaultRoles roleType[]

@description('Required. What the secret with the webhook of Teams is called.')
param webhookSecretName string

@description('Optional. The webhook of the Teams workflow; empty: what is in the vault stays.')
@secure()
param teamsWebhookUrl string = ''

@description('Required. The workspace that takes the logs.')
param logsWorkspaceId string

@description('Required. Which logs are kept.')
param diagnostics diagnosticsType

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: network == 'private' ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: network == 'private' ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
    }
  }
}

// Written through Azure Resource Manager, which the private network does not keep out.
resource webhook 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(teamsWebhookUrl)) {
  parent: vault
  name: webhookSecretName
  properties: {
    value: teamsWebhookUrl
    contentType: 'the URL of a Teams workflow'
    attributes: {
      enabled: true
    }
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(vault.id, identityName, role.id)
    scope: vault
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      description: 'Dawnwatch: ${role.why}'
    }
  }
]

resource operatorAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in operatorVaultRoles: if (operator != null) {
    name: guid(vault.id, operator.?principalId ?? '', role.id)
    scope: vault
    properties: {
      principalId: operator.?principalId ?? ''
      principalType: operator.?principalType ?? 'User'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      description: 'Dawnwatch: ${role.why}'
    }
  }
]

#disable-next-line use-recent-api-versions // the stable one is older, and knows no groups of categories
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'dawnwatch'
  scope: vault
  properties: {
    workspaceId: logsWorkspaceId
    logs: [{ categoryGroup: diagnostics == 'full' ? 'allLogs' : 'audit', enabled: true }]
  }
}

@description('The address of the vault, with a slash at its end.')
output uri string = vault.properties.vaultUri
