import { isTimeUp } from '../within.ts'

// Codes of node, of the driver (postgres.js 3.4.9, connection.js) and of our own that say: nobody answered, or the connection broke.
const silent = new Set(
  `EADDRNOTAVAIL EAI_AGAIN EAI_FAIL EAI_NODATA ECANCELLED ECONNABORTED ECONNREFUSED ECONNRESET EHOSTDOWN EHOSTUNREACH ENETDOWN
  ENETRESET ENETUNREACH ENOTCONN ENOTFOUND EPIPE ERR_SOCKET_CLOSED ERR_STREAM_DESTROYED ERR_STREAM_WRITE_AFTER_END ESERVFAIL
  ETIMEDOUT ETIMEOUT CLOSED_TOO_SOON CONNECTION_CLOSED CONNECTION_DESTROYED CONNECTION_ENDED CONNECT_TIMEOUT`.split(
    /\s+/,
  ),
)

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Whether nobody answered in time, or the connection broke: the contract's "silent", but for what a server itself reports. */
export const isSilence = (error: unknown): boolean => isTimeUp(error) || silent.has(codeOf(error) ?? '')
