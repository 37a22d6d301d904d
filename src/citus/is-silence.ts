import { isTimeUp } from '../within.ts'

// Codes of Node, of the driver (postgres.js 3.4.9, connection.js) and of this app for: no answer, or a broken connection.
const silent = new Set(
  `EADDRNOTAVAIL EAI_AGAIN EAI_FAIL EAI_NODATA ECANCELLED ECONNABORTED ECONNREFUSED ECONNRESET EHOSTDOWN EHOSTUNREACH ENETDOWN
  ENETRESET ENETUNREACH ENOTCONN ENOTFOUND EPIPE ERR_SOCKET_CLOSED ERR_STREAM_DESTROYED ERR_STREAM_WRITE_AFTER_END ESERVFAIL
  ETIMEDOUT ETIMEOUT CLOSED_TOO_SOON CONNECTION_CLOSED CONNECTION_DESTROYED CONNECTION_ENDED CONNECT_TIMEOUT`.split(
    /\s+/,
  ),
)

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Whether there was no answer in time, or the connection broke. Errors that a server reports are in citus-error.ts. */
export const isSilence = (error: unknown): boolean => isTimeUp(error) || silent.has(codeOf(error) ?? '')
