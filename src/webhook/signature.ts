import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export type ProofHeaders = Record<'authorization' | 'signature' | 'timestamp', string | undefined>

/** The result of checking the headers; a signature still has to be compared with the body. */
export type Proof =
  { kind: 'given' } | { kind: 'missing' } | { kind: 'signature'; covers: (body: Uint8Array) => boolean }

/**
 * Whether the sender knows one of the secrets, by a bearer token or by Grafana's HMAC over `<timestamp>:<raw body>` (hmacConfig with
 * timestampHeader; grafana/alerting, http/hmac.go). Several secrets are valid at once, so that one can be rotated.
 */
export function proofIn(
  { authorization, signature, timestamp }: ProofHeaders,
  policy: { secrets: readonly string[]; toleranceSeconds: number },
  now: Date,
): Proof {
  const bearer = /^Bearer +(\S.*)$/i.exec(authorization ?? '')?.[1]?.trim()
  if (bearer !== undefined && policy.secrets.some((secret) => sameText(bearer, secret))) return { kind: 'given' }
  if (signature === undefined || timestamp === undefined || !isRecent(timestamp, policy.toleranceSeconds, now))
    return { kind: 'missing' }
  if (!/^[0-9a-f]{64}$/.test(signature)) return { kind: 'missing' }
  const given = Buffer.from(signature, 'hex')
  const covers = (body: Uint8Array) =>
    policy.secrets.some((secret) => timingSafeEqual(given, hmac(secret, timestamp, body)))
  return { kind: 'signature', covers }
}

/** Grafana's signature: lowercase hex, no prefix. */
export function sign(secret: string, timestamp: string, body: Uint8Array): string {
  return hmac(secret, timestamp, body).toString('hex')
}

const hmac = (secret: string, timestamp: string, body: Uint8Array) =>
  createHmac('sha256', secret).update(`${timestamp}:`).update(body).digest()

const isRecent = (timestamp: string, toleranceSeconds: number, now: Date) =>
  /^\d{1,12}$/.test(timestamp) && Math.abs(now.getTime() / 1000 - Number(timestamp)) <= toleranceSeconds

// Digests have the same length, so the time of the comparison reveals neither content nor length of a secret.
const sameText = (left: string, right: string) => timingSafeEqual(digest(left), digest(right))
const digest = (text: string) => createHash('sha256').update(text).digest()
