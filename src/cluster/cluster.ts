import type { ClusterState, Coordinator } from '../scaling/cluster-state.ts'

/** One cluster that we steer, whatever its kind: it can be read, and from what was read it can be made to grow. */
export type Cluster = {
  /**
   * Reads the cluster as it is now.
   * @throws UpstreamError when what has to be known can't be had
   */
  read(): Promise<Reading>
}

export type Reading = {
  state: ClusterState
  /** Silent only where the kind can do without it. */
  coordinator: Coordinator
  warnings: string[]
  /**
   * Starts a scale-out from this very reading and returns when it is accepted.
   * @throws UpstreamError when it was refused, or when nobody can tell
   */
  scaleOut(order: ScaleOutOrder): Promise<ScaleOutStart>
}

export type ScaleOutOrder = {
  from: number
  to: number
  /** The number of this try in a row. */
  attempt: number
  /** Decided while the coordinator was silent. */
  blind: boolean
  /** Why, in a few words, and the fingerprint of the alert that asked for it: kept with the scale-out's record. */
  reason: string
  fingerprint: string
}

export type ScaleOutStart =
  { kind: 'started'; details: ScaleOutDetails } | { kind: 'operation-in-progress'; message: string }

/** What the answer tells of a start: the deployment, or, where workers come at once, which came and which did not. */
export type ScaleOutDetails =
  | { deployment: string }
  /** Workers are being added, which takes longer than the answer may. */
  | { message: string }
  | {
      workers: { from: number; to: number }
      message: string
      added: string[]
      skipped: { server: string; reason: string }[]
    }
