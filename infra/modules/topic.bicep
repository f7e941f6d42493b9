metadata name = 'Topic'
metadata description = 'Where events go: a topic of Event Grid that takes CloudEvents from the monitor alone.'

import { networkType, roleType, tagsType } from '../types.bicep'

@description('Required. The name of the topic.')
@minLength(3)
@maxLength(50)
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

@description('Required. The roles of the monitor on the topic.')
param roles roleType[]

@description('Required. The workspace that takes the logs.')
param logsWorkspaceId string

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  properties: {
    inputSchema: 'CloudEventSchemaV1_0'
    disableLocalAuth: true
    minimumTlsVersionAllowed: '1.2'
    publicNetworkAccess: network == 'private' ? 'Disabled' : 'Enabled'
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(topic.id, identityName, role.id)
    scope: topic
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      description: 'Dawnwatch: ${role.why}'
    }
  }
]

// The topic logs what failed and nothing else: lean and full are the same here.
#disable-next-line use-recent-api-versions // the stable one is older, and knows no groups of categories
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'dawnwatch'
  scope: topic
  properties: {
    workspaceId: logsWorkspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

@description('Where events are published.')
output endpoint string = topic.properties.endpoint

@description('The domain that topics are in: it differs between the clouds of Azure.')
output domain string = join(skip(split(split(topic.properties.endpoint, '/')[2], '.'), 2), '.')
