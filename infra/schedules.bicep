// When things are done, as timers of Azure Functions say it: six fields, UTC. And how long a check may stay quiet.
import { quietLimitType } from 'types.bicep'

@export()
@description('The usual schedules, by the app setting that holds each.')
var usualSchedules = {
  WORKSPACE_ACCESS_SCHEDULE: '0 50 * * * *'
  APP_REGISTRATIONS_SCHEDULE: '0 40 1,7,13,19 * * *'
  SNAPSHOT_CURRENCY_SCHEDULE: '0 */15 4-9 * * *'
  SNAPSHOT_CURRENCY_HOURLY_SCHEDULE: '0 0 0-3,10-23 * * *'
  SERVICE_HEALTH_SCHEDULE: '0 45 * * * *'
  DELIVERY_SCHEDULE: '30 */5 * * * *'
  MORNING_REPORT_SCHEDULE: '0 */5 * * * *'
}

// Two intervals of the schedules above, and a quarter of an hour for the pass itself and for its telemetry to arrive.
@export()
@description('How long each check may be without a good pass; of two that hold at an hour, the shorter one.')
var usualQuietLimits quietLimitType[] = [
  { check: 'workspace-access', fromHour: 0, toHour: 24, minutes: 135 }
  { check: 'app-registrations', fromHour: 0, toHour: 24, minutes: 735 }
  { check: 'snapshot-currency', fromHour: 0, toHour: 24, minutes: 135 }
  { check: 'snapshot-currency', fromHour: 5, toHour: 10, minutes: 45 }
  { check: 'service-health', fromHour: 0, toHour: 24, minutes: 135 }
]
