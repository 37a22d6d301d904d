import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export type ProofHeaders = Record<'authorization' | 'signature' | 'timestamp', string | undefined>

/** The result of checking the headers; a signature still has to be compared with the body. */
export type Proof =
  | { kind: 'given' }
  /** `why` tells a person what to mend; all that a sender learns by it stands in Grafana's documentation. */
  | { kind: 'missing'; why: string }
  | { kind: 'signature'; covers: (body: Uint8Array) => boolean }

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
  const missing = (why: string): Proof => ({ kind: 'missing', why })
  if (signature === undefined)
    return missing(
      authorization === undefined
        ? 'it carries neither X-Grafana-Alerting-Signature nor Authorization: Bearer'
        : 'its Authorization is not Bearer with one of WEBHOOK_SECRETS',
    )
  if (timestamp === undefined)
    return missing(
      'it is signed without a timestamp: set timestampHeader of the contact point to X-Grafana-Alerting-Timestamp',
    )
  if (!/^\d{1,12}$/.test(timestamp)) return missing('its X-Grafana-Alerting-Timestamp is not in Unix seconds')
  const age = now.getTime() / 1000 - Number(timestamp)
  if (Math.abs(age) > policy.toleranceSeconds)
    return missing(
      `its timestamp is ${Math.round(Math.abs(age))} s ${age > 0 ? 'old' : 'ahead'}, and WEBHOOK_TOLERANCE_SECONDS is ${policy.toleranceSeconds}: check the clocks`,
    )
  if (!/^[0-9a-f]{64}$/.test(signature)) return missing('its signature is not HMAC-SHA256 in lowercase hex')
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

// Digests have the same length, so the time of the comparison reveals neither content nor length of a secret.
const sameText = (left: string, right: string) => timingSafeEqual(digest(left), digest(right))
const digest = (text: string) => createHash('sha256').update(text).digest()
