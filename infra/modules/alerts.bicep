metadata name = 'Alerts'
metadata description = 'Who watches the watcher: rules on its own telemetry, and who is told.'

import { quietLimitType, tagsType } from '../types.bicep'

@description('Required. What the names of the rules begin with.')
param name string

@description('Required. The name of the action group.')
param actionGroupName string

@description('Required. The region.')
param location string

@description('Required. The tags.')
param tags tagsType

@description('Required. The workspace with the telemetry.')
param workspaceId string

@description('Required. Who is told; empty: the alerts stand in the portal alone.')
param alertEmail string

@description('Required. How long each check may be without a good pass.')
param quietLimits quietLimitType[]

var limitRows = map(quietLimits, limit => '    "${limit.check}", ${limit.fromHour}, ${limit.toHour}, ${limit.minutes}')
var limitTable = 'let limits = datatable(check: string, from_hour: int, to_hour: int, minutes: int)[\n${join(limitRows, ',\n')}\n];\n'

var rules = [
  {
    key: 'no-good-pass'
    displayName: 'Dawnwatch: a check had no good pass for two of its intervals'
    description: 'What it watches may be broken unseen. Look at the passes in the workbook, or run dawnwatch doctor.'
    severity: 2
    dimensions: ['target', 'check', 'why']
    query: '${limitTable}${loadTextContent('../alerts/no_good_pass.kql')}'
  }
  {
    key: 'silent'
    displayName: 'Dawnwatch: the monitor has said nothing for an hour'
    description: 'It does not run, or its telemetry does not arrive. Look at the function app: is it started, was the last deployment good?'
    severity: 1
    dimensions: []
    query: loadTextContent('../alerts/silent.kql')
  }
  {
    key: 'deliveries-pending'
    displayName: 'Dawnwatch: messages have waited for an hour'
    description: 'A channel does not take them: what was found is not told. Run dawnwatch findings, or dawnwatch notify-test.'
    severity: 1
    dimensions: ['why']
    query: loadTextContent('../alerts/deliveries_pending.kql')
  }
  {
    key: 'poisoned'
    displayName: 'Dawnwatch: passes were given up'
    description: 'Passes failed again and again, and their messages went to the poison queue dawnwatch-passes-poison.'
    severity: 2
    dimensions: ['target', 'check']
    query: loadTextContent('../alerts/poisoned.kql')
  }
]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'dawnwatch'
    emailReceivers: [
      {
        name: 'operator'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

// A new workspace does not know its tables yet, and Azure would refuse the queries: tests read them with Kusto's parser.
resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${name}-${rule.key}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.displayName
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT15M'
      windowSize: 'PT15M'
      overrideQueryTimeRange: 'P2D'
      autoMitigate: true
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: map(rule.dimensions, dimension => { name: dimension, operator: 'Include', values: ['*'] })
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(alertEmail) ? [] : [group.id]
      }
    }
  }
]
