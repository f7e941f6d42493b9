// What a parameter may be, once for all modules.

@export()
@description('Identifies one deployment of Dawnwatch: what azd calls an environment.')
@minLength(1)
@maxLength(40)
type environmentNameType = string

@export()
@description('Tags: names to values.')
type tagsType = {
  @description('Optional. The value of the tag.')
  *: string
}

@export()
@description('The resource id of a Log Analytics workspace, in any subscription that the deployer may assign roles in.')
type workspaceIdType = string

@export()
@description('How the monitor is reached, and reaches its own storage, vault and topic: over public endpoints by identity alone, or over private endpoints.')
type networkType = 'public' | 'private'

@export()
@description('What may fail without the loss of what is stored: a disk, or a zone of the region (in regions that have zones).')
type redundancyType = 'local' | 'zone'

@export()
@description('Which logs are kept beside the telemetry: who touched the vault and what the topic could not deliver, or everything there is.')
type diagnosticsType = 'lean' | 'full'

@export()
@description('The memory of one instance, in MB; its share of a processor grows with it.')
type instanceMemoryType = 512 | 2048 | 4096

@export()
@description('Who keeps the configuration and the secrets: may write both, and nothing else.')
@sealed()
type operatorType = {
  @description('Required. The object id of the user, group or service principal in Microsoft Entra.')
  @minLength(36)
  @maxLength(36)
  principalId: string

  @description('Required. What it is.')
  principalType: 'User' | 'Group' | 'ServicePrincipal'
}

@export()
@description('Schedules other than the usual ones: six fields (seconds first), UTC. A check that runs less often needs a longer quietLimits too.')
@sealed()
type schedulesType = {
  @description('Optional. When workspace-access is planned.')
  WORKSPACE_ACCESS_SCHEDULE: string?

  @description('Optional. When app-registrations is planned.')
  APP_REGISTRATIONS_SCHEDULE: string?

  @description('Optional. When snapshot-currency is planned in the morning.')
  SNAPSHOT_CURRENCY_SCHEDULE: string?

  @description('Optional. When snapshot-currency is planned for the rest of the day.')
  SNAPSHOT_CURRENCY_HOURLY_SCHEDULE: string?

  @description('Optional. When service-health is planned.')
  SERVICE_HEALTH_SCHEDULE: string?

  @description('Optional. When what is still pending is delivered.')
  DELIVERY_SCHEDULE: string?

  @description('Optional. When it is looked whether the morning report is due.')
  MORNING_REPORT_SCHEDULE: string?
}

@export()
@description('How long a check may be without a good pass before somebody is told.')
@sealed()
type quietLimitType = {
  @description('Required. The check.')
  check: 'workspace-access' | 'app-registrations' | 'snapshot-currency' | 'service-health'

  @description('Required. The hour of the day (UTC) from which on it counts.')
  @minValue(0)
  @maxValue(23)
  fromHour: int

  @description('Required. The hour of the day (UTC) before which it counts.')
  @minValue(1)
  @maxValue(24)
  toHour: int

  @description('Required. The longest quiet, in minutes; the alert looks back two days.')
  @minValue(15)
  @maxValue(2880)
  minutes: int
}

@export()
@description('App settings: names to values.')
type settingsType = {
  @description('Optional. The value of the setting.')
  *: string
}

@export()
@description('App settings that are kept in the vault: the name of the setting to the name of its secret.')
type vaultSettingsType = {
  @description('Optional. The name of the secret.')
  *: string
}

@export()
@description('A built-in role of Azure: the same GUID in every tenant and every cloud.')
@sealed()
type roleType = {
  @description('Required. What Azure calls it.')
  name: string

  @description('Required. The GUID of its definition.')
  @minLength(36)
  @maxLength(36)
  id: string

  @description('Required. What it is needed for.')
  why: string
}
