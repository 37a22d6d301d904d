import { randomUUID } from 'node:crypto'
import azureFunctions from '@azure/functions'
import type { RegisteredFunction } from '../functions/function-table.ts'
import { startHttpFront, type Beside } from './http-front.ts'
import type { Listening } from './listen.ts'

// A CommonJS bundle whose names Node can't see from outside.
const { HttpRequest, InvocationContext } = azureFunctions

export type FunctionsHost = Listening

/**
 * Serves the functions as `func start` does: the same routes and handlers, from the same table, without function keys.
 */
export function startFunctionsHost(
  functions: readonly RegisteredFunction[],
  { port, onLog, beside }: { port: number; onLog?: (line: string) => void; beside?: Beside },
): Promise<FunctionsHost> {
  const routes = functions.map(({ name, method, handler }) => ({
    name,
    method,
    invoke: (request: ConstructorParameters<typeof HttpRequest>[0]) => {
      const context = new InvocationContext({
        functionName: name,
        invocationId: randomUUID(),
        logHandler: (_level, ...parts: unknown[]) => onLog?.(parts.map(String).join(' ')),
      })
      return handler(new HttpRequest(request), context)
    },
  }))
  return startHttpFront(routes, { port, onFailure: onLog ?? console.error, beside })
}
