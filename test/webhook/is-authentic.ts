import { proofIn, type ProofHeaders } from '../../src/webhook/signature.ts'

export type SignedRequest = ProofHeaders & { body: Uint8Array }

/** Whether a request proves that its sender knows a secret, by signature or bearer secret. */
export function isAuthentic(
  { body, ...headers }: SignedRequest,
  policy: { secrets: readonly string[]; toleranceSeconds: number },
  now: Date,
): boolean {
  const proof = proofIn(headers, policy, now)
  return proof.kind === 'signature' ? proof.covers(body) : proof.kind === 'given'
}
