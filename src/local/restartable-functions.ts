import { functionTable, type RegisteredFunction } from '../functions/function-table.ts'

type Environment = Record<string, string | undefined>

/** The functions with app settings that can be changed; as in Azure, a change restarts them. */
export function restartableFunctions(environment: Environment, now: () => Date) {
  let running = functionTable({ environment, now })
  return {
    functions: running.map(({ name, method }): RegisteredFunction => ({
      name,
      method,
      handler: (request, context) => handlerOf(name)(request, context),
    })),
    restart(changed: Environment) {
      running = functionTable({ environment: { ...environment, ...changed }, now })
    },
  }

  function handlerOf(name: string) {
    const found = running.find((registered) => registered.name === name)
    if (!found) throw new Error(`there is no function ${name}`)
    return found.handler
  }
}
