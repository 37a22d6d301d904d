import type { DeploymentFailure } from './provider-error.ts'
import type { Refusal } from './refusals.ts'
import type { RequestKind } from './route.ts'

/**
 * The faults. A request is refused; or answered with a web page and that status, as by a proxy; or never answered, `before` or `after` it
 * has taken effect; or takes effect and is answered with malformed JSON. A deployment is accepted and then fails: `at-once`, before its
 * status can be polled, or `later`, halfway through.
 */
export type Fault = RequestFault | DeploymentFault
export type RequestFault =
  | { on: RequestKind; refused: Refusal; retryAfterSeconds?: number }
  | { on: RequestKind; webPage: number }
  | { on: RequestKind; silent: 'before' | 'after' }
  | { on: RequestKind; malformed: true }
export type DeploymentFault = { on: 'deployment'; fails: 'at-once' | 'later'; because: DeploymentFailure }

/** Faults that can be switched on and off at run time. */
export type Faults = ReturnType<typeof createFaults>

export function createFaults() {
  let active: { fault: Fault; left: number }[] = []

  // The first fault that applies to the request; using it counts it down.
  function take<Wanted extends Fault>(isWanted: (fault: Fault) => fault is Wanted): Wanted | undefined {
    for (const entry of active) {
      if (!isWanted(entry.fault)) continue
      entry.left -= 1
      active = active.filter(({ left }) => left > 0)
      return entry.fault
    }
    return undefined
  }

  return {
    /** Switches a fault on for that many requests, or until `clear`. */
    add(fault: Fault, times = Number.POSITIVE_INFINITY): void {
      active.push({ fault, left: times })
    },
    clear(): void {
      active = []
    },
    forRequest: (kind: RequestKind) => take((fault): fault is RequestFault => fault.on === kind),
    forDeployment: (fails: DeploymentFault['fails']) =>
      take((fault): fault is DeploymentFault => fault.on === 'deployment' && fault.fails === fails),
  }
}
