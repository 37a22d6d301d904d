import '@kusto/language-service-next/bridge.js'
import '@kusto/language-service-next/Kusto.Language.Bridge.js'

const { GlobalState, KustoCode, Symbols } = Kusto.Language

/** The tables with the app's logs in a Log Analytics workspace, with the columns that are used (Azure Monitor's table reference). */
const tables = {
  AppTraces:
    '(TimeGenerated: datetime, Message: string, SeverityLevel: int, AppRoleName: string, OperationId: string, Properties: dynamic)',
  AppRequests:
    '(TimeGenerated: datetime, Name: string, ResultCode: string, Success: bool, DurationMs: real, AppRoleName: string)',
}

const globals = GlobalState.Default?.WithDatabase(
  new Symbols.DatabaseSymbol.ctor(
    'workspace',
    Object.entries(tables).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema, null)),
  ),
)

/** The problems that Microsoft's parser finds in a query: syntax, names of tables and columns, types. */
export function complaintsAbout(query: string): string[] {
  const found = KustoCode.ParseAndAnalyze(query, globals)?.GetDiagnostics()
  if (!found) throw new Error('the parser gave no answer')
  return Array.from({ length: found.Count }, (_, index) => found.getItem(index)?.Message ?? '')
}
