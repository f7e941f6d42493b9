// Refuses bad input with what would be right, before anything is changed: Azure works these out when it validates the
// deployment, `bicep snapshot` does without it. (Parameter files cannot call them: only a deployment may fail.)

@export()
@description('The id itself; fails where it is no workspace id.')
func workspaceId(id string) string =>
  (length(split(id, '/')) == 9 && startsWith(toLower(id), '/subscriptions/') && contains(
      toLower(id),
      '/providers/microsoft.operationalinsights/workspaces/'
    ) && length(split('${id}////', '/')[2]) == 36)
    ? id
    : fail('watchedWorkspaces (DAWNWATCH_WORKSPACES): "${id}" is no workspace id. It would be /subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.OperationalInsights/workspaces/NAME; the portal shows it under the workspace\'s Properties.')

@export()
@description('The name itself; fails where resources cannot be named after it.')
func environmentNameOf(name string) string =>
  empty(filter(
      map(range(0, length(name)), at => substring(name, at, 1)),
      character => !contains('abcdefghijklmnopqrstuvwxyz0123456789-', toLower(character))
    )) && !startsWith(name, '-') && !endsWith(name, '-')
    ? name
    : fail('environmentName (AZURE_ENV_NAME): "${name}" would name resources that cannot be called so; use letters, digits and hyphens within.')

@export()
@description('The address itself; fails where it is no e-mail address.')
func emailAddress(address string) string =>
  empty(address) || length(split(address, '@')) == 2 && contains(last(split(address, '@')), '.') && !contains(
      address,
      ' '
    )
    ? address
    : fail('alertEmail (DAWNWATCH_ALERT_EMAIL): "${address}" is no e-mail address.')

@export()
@description('The schedule itself; fails where it has not the six fields of a timer of Azure Functions.')
func schedule(name string, cron string) string =>
  length(split(cron, ' ')) == 6
    ? cron
    : fail('schedules: ${name} "${cron}" has not six fields; it would be {second} {minute} {hour} {day} {month} {day of week}, in UTC.')

@export()
@description('The address range itself; fails where the subnets would not fit into it.')
func addressRange(cidr string) string =>
  parseCidr(cidr).cidr <= 25
    ? cidr
    : fail('addressPrefix (DAWNWATCH_ADDRESS_PREFIX): "${cidr}" is too small: the subnets need a /25 or larger.')

@export()
@description('The name of a secret itself; fails where no secret of a vault can be called so.')
func secretName(setting string, secret string) string =>
  empty(secret) || contains(secret, '_') || contains(secret, ' ') || contains(secret, '/')
    ? fail('vaultSettings (DAWNWATCH_VAULT_SETTINGS): ${setting} names the secret "${secret}"; it would be SETTING=secret-name, with letters, digits and hyphens in the name.')
    : secret
