metadata name = 'Telemetry'
metadata description = 'What the monitor says of itself: Application Insights on a workspace of its own, signed in to by identity.'

import { roleType, tagsType } from '../types.bicep'

@description('Required. The name of the Application Insights component.')
param name string

@description('Required. The name of the workspace that keeps the telemetry; it is none of the watched ones.')
param workspaceName string

@description('Required. The region.')
param location string

@description('Required. The tags.')
param tags tagsType

@description('Required. For how many days telemetry is kept.')
@minValue(30)
@maxValue(730)
param retentionInDays int

@description('Required. At how many GB a day ingestion stops; -1: never.')
param dailyCapGb int

@description('Required. The name of the identity of the monitor: its role assignments are named after it.')
param identityName string

@description('Required. Its object id.')
param principalId string

@description('Required. The roles of the monitor here.')
param roles roleType[]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionInDays
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb
    }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
    DisableIpMasking: false
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    name: guid(insights.id, identityName, role.id)
    scope: insights
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      description: 'Dawnwatch: ${role.why}'
    }
  }
]

@description('The resource id of the component.')
output id string = insights.id

@description('The resource id of the workspace behind it.')
output workspaceId string = workspace.id

@description('Where telemetry goes. It names the component and is no secret: local authentication is off.')
output connectionString string = insights.properties.ConnectionString
