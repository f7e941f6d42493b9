// Every role that the deployment assigns, once. Modules loop over their part of these lists.
import { roleType } from 'types.bicep'

@export()
@description('What the monitor may do, by what it may do it to.')
var monitorRoles = {
  storage: storageRoles
  insights: insightsRoles
  vault: vaultRoles
  topic: topicRoles
  workspace: workspaceRoles
}

@export()
@description('What the operator may do, by what it may be done to.')
var operatorRoles = {
  container: operatorContainerRoles
  vault: operatorVaultRoles
}

var storageRoles roleType[] = [
  {
    name: 'Storage Blob Data Owner'
    id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
    why: 'the package, the locks of the timers, the keys of the functions; the configuration, where it is a blob'
  }
  {
    name: 'Storage Queue Data Contributor'
    id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
    why: 'what is planned and waits to be run'
  }
  {
    name: 'Storage Table Data Contributor'
    id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
    why: 'the ledger'
  }
]

var insightsRoles roleType[] = [
  {
    name: 'Monitoring Metrics Publisher'
    id: '3913510d-42f4-4e42-8a64-420c390055eb'
    why: 'telemetry'
  }
]

var vaultRoles roleType[] = [
  {
    name: 'Key Vault Secrets User'
    id: '4633458b-17de-408a-b874-0445c86b69e6'
    why: 'the webhook of Teams, and what proves the identities of targets'
  }
]

var topicRoles roleType[] = [
  {
    name: 'EventGrid Data Sender'
    id: 'd5a91429-5739-47e2-a06b-3470a27159e7'
    why: 'events'
  }
]

var workspaceRoles roleType[] = [
  {
    name: 'Reader'
    id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
    why: 'the state of the workspace, and who may do what there'
  }
  {
    name: 'Log Analytics Data Reader'
    id: '3b03c2da-16b3-4a49-8834-0f8130efdd3b'
    why: 'one query per pass: counts and times'
  }
]

var operatorContainerRoles roleType[] = [
  {
    name: 'Storage Blob Data Contributor'
    id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
    why: 'the configuration'
  }
]

var operatorVaultRoles roleType[] = [
  {
    name: 'Key Vault Secrets Officer'
    id: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
    why: 'the webhook of Teams, and what proves the identities of targets'
  }
]
