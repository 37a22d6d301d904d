import '@kusto/language-service-next/bridge.js'
import '@kusto/language-service-next/Kusto.Language.Bridge.js'

const { GlobalState, KustoCode, Symbols } = Kusto.Language

/** The tables of a Log Analytics workspace that an app's logs go to, as far as they are read here (Azure Monitor's table reference). */
const tables = [
  ['AppTraces', '(TimeGenerated: datetime, Message: string, SeverityLevel: int, AppRoleName: string, OperationId: string)'],
  [
    'AppRequests',
    '(TimeGenerated: datetime, Name: string, ResultCode: string, Success: bool, DurationMs: real, AppRoleName: string)',
  ],
] as const
