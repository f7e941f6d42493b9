metadata name = 'Private endpoint'
metadata description = 'One service inside the private network, and the name under which it is found there.'

import { tagsType } from '../types.bicep'

@description('Required. The name of the endpoint.')
param name string

@description('Required. The region.')
param location string

@description('Required. The tags.')
param tags tagsType

@description('Required. The resource id of the service.')
param serviceId string

@description('Required. Which part of the service.')
param part 'blob' | 'queue' | 'table' | 'vault' | 'topic'

@description('Required. The private DNS zone of that part.')
param zoneName string

@description('Required. The resource id of the network.')
param networkId string

@description('Required. The resource id of the subnet.')
param subnetId string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: 'dawnwatch'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: networkId
      }
    }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    customNetworkInterfaceName: '${name}-nic'
    privateLinkServiceConnections: [
      {
        name: part
        properties: {
          privateLinkServiceId: serviceId
          groupIds: [part]
        }
      }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: part
          properties: {
            privateDnsZoneId: zone.id
          }
        }
      ]
    }
  }
}
