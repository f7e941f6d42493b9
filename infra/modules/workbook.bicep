metadata name = 'Workbook'
metadata description = 'The monitor at a glance: snapshots, findings, credentials, passes, throttling. The panels are listed in workbook/panels.json, each with its query in a file of its own.'

import { tagsType } from '../types.bicep'

@description('Required. What it is called.')
param displayName string

@description('Required. The region.')
param location string

@description('Required. The tags.')
param tags tagsType

@description('Required. The workspace with the telemetry.')
param workspaceId string

@description('One panel, as panels.json lists it.')
@sealed()
type panelType = {
  @description('Required. Which of the queries.')
  query: string

  @description('Required. What stands above it.')
  title: string

  @description('Required. How it is drawn.')
  visualization: 'linechart' | 'table'

  @description('Required. What stands there when the query finds nothing.')
  empty: string
}

var panels panelType[] = loadJsonContent('../workbook/panels.json')
var queries = {
  credentials: loadTextContent('../workbook/credentials.kql')
  deliveries: loadTextContent('../workbook/deliveries.kql')
  durations: loadTextContent('../workbook/durations.kql')
  findings: loadTextContent('../workbook/findings.kql')
  newest: loadTextContent('../workbook/newest.kql')
  passes: loadTextContent('../workbook/passes.kql')
  snapshots: loadTextContent('../workbook/snapshots.kql')
  throttled: loadTextContent('../workbook/throttled.kql')
  throttling: loadTextContent('../workbook/throttling.kql')
}

// Queries go to the workspace, and take the time range that is chosen above them. 0 is the query language of its logs.
var asked = {
  queryType: 0
  resourceType: 'microsoft.operationalinsights/workspaces'
  timeContextFromParameter: 'TimeRange'
}
var dayMs = 86400000
var choices = {
  type: 9
  name: 'choices'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    queryType: 0
    resourceType: 'microsoft.operationalinsights/workspaces'
    parameters: [
      {
        id: guid(resourceGroup().id, 'TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time range'
        type: 4
        isRequired: true
        value: { durationMs: 14 * dayMs }
        typeSettings: {
          allowCustom: true
          selectableValues: map([1, 3, 7, 14, 30, 90], days => { durationMs: days * dayMs })
        }
      }
      union(asked, {
        id: guid(resourceGroup().id, 'Target')
        version: 'KqlParameterItem/1.0'
        name: 'Target'
        label: 'Target'
        type: 2
        isRequired: true
        multiSelect: true
        quote: '\''
        delimiter: ','
        query: loadTextContent('../workbook/targets.kql')
        value: ['value::all']
        typeSettings: {
          additionalResourceOptions: ['value::all']
          selectAllValue: '*'
          showDefault: false
        }
      })
    ]
  }
}
var drawn = map(panels, panel => {
  type: 3
  name: panel.query
  content: union(asked, {
    version: 'KqlItem/1.0'
    query: queries[panel.query]
    size: 0
    title: panel.title
    visualization: panel.visualization
    noDataMessage: panel.empty
    showExportToExcel: panel.visualization == 'table'
    crossComponentResources: [workspaceId]
    gridSettings: { filter: true, rowLimit: 1000 }
  })
})

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'dawnwatch')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    version: '1.0'
    sourceId: workspaceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([choices], drawn)
      fallbackResourceIds: [workspaceId]
      '$schema': 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json'
    })
  }
}

@description('The resource id of the workbook.')
output id string = workbook.id
