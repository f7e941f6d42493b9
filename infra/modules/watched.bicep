metadata name = 'Watched workspace'
metadata description = 'What the monitor may do on one workspace that it watches: read, and nothing else.'

import { roleType } from '../types.bicep'

@description('Required. The name of the workspace, in the resource group that this is deployed to.')
param workspaceName string

@description('Required. The object id of the monitor.')
param principalId string

@description('Required. The roles of the monitor on the workspace.')
param roles roleType[]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    // As `dawnwatch grant` names it (shared/grant/writing.py): whichever comes second meets what the first has made.
    name: guid(toLower(workspace.id), principalId, role.id)
    scope: workspace
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      description: 'Dawnwatch: ${role.why}'
    }
  }
]
