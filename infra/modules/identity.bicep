metadata name = 'Identity'
metadata description = 'Who the monitor is: the one identity that it reads, remembers and tells as.'

import { tagsType } from '../types.bicep'

@description('Required. The name of the identity.')
param name string

@description('Required. The region.')
param location string

@description('Required. The tags.')
param tags tagsType

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('The object id of its service principal: roles are assigned to it.')
output principalId string = identity.properties.principalId

@description('Its client id: what asks for tokens says it.')
output clientId string = identity.properties.clientId
