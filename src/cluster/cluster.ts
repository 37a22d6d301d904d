import type { ClusterState, Coordinator } from '../scaling/cluster-state.ts'

/** A cluster of any kind: it can be read, and scaled out from that reading. */
export type Cluster = {
  /**
   * Reads the cluster as it is now.
   * @throws UpstreamError when a fact that the decision needs can't be read
   */
  read(): Promise<Reading>
}

export type Reading = {
  state: ClusterState
  /** Never silent for the kind `citus`, which can't be read without it. */
  coordinator: Coordinator
  warnings: string[]
  /**
   * Starts a scale-out based on this reading and returns when it is accepted.
   * @throws UpstreamError when it was refused, or when it is unclear whether it started
   */
  scaleOut(order: ScaleOutOrder): Promise<ScaleOutStart>
}

export type ScaleOutOrder = {
  from: number
  to: number
  /** The number of this attempt in a row, from 1. */
  attempt: number
  /** Decided while the coordinator was silent. */
  blind: boolean
  /** Why, in a few words, and the fingerprint of the alert: kept as tags of the deployment. */
  reason: string
  fingerprint: string
}

export type ScaleOutStart =
  { kind: 'started'; details: ScaleOutDetails } | { kind: 'operation-in-progress'; message: string }

/** Details for the answer: the deployment, or, for the kind `citus`, which servers were added and which were not. */
export type ScaleOutDetails =
  | { deployment: string }
  /** Workers are still being added. */
  | { message: string }
  | {
      workers: { from: number; to: number }
      message: string
      added: string[]
      skipped: { server: string; reason: string }[]
    }
