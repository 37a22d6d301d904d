import type { DeploymentFailure } from './provider-error.ts'
import type { Refusal } from './refusals.ts'
import type { RequestKind } from './route.ts'

/**
 * What can go wrong. A request is refused; or answered with a web page and that status by something in between; or never answered,
 * `before` or `after` it was acted upon; or acted upon and answered with something that is no JSON. A deployment is accepted and then fails: `at-once`, before anyone can ask for
 * its status, or `later`, half way through.
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

  // The first one that is on for it. It has then happened once more.
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
    /** Lets it happen that many times, or until `clear`. */
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
