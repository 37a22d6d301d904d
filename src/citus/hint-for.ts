type KnownError = { code: string | undefined; message: string; hint?: string | undefined }

const certificate = /CERT|SIGNATURE|ISSUER|SELF_SIGNED|ERR_TLS/

// What PgBouncer answers when it has no connection to the database (its client.c, objects.c and janitor.c).
const poolerWithoutServer =
  /query_wait_timeout|server login|server_login_retry|cannot connect to server|no more connections|server conn/i

export type SignsInBy = 'password' | 'token'

/** What to do about an error, in parentheses; empty when there is no hint. */
export function hintFor({ code = '', message, hint }: KnownError, signsInBy: SignsInBy): string {
  const next = nextStep(code, message, signsInBy) ?? hint
  return next ? ` (${next})` : ''
}

function nextStep(code: string, message: string, signsInBy: SignsInBy): string | undefined {
  switch (code) {
    case '28P01':
      return signsInBy === 'token' ? roleHint : 'check the password in PG_CONNECTION_URL'
    case '28000':
      return /pg_hba\.conf|encryption|SSL/i.test(message)
        ? 'the server does not accept connections of this kind: check TLS (sslmode in PG_CONNECTION_URL), the firewall and pg_hba.conf'
        : signsInBy === 'token'
          ? roleHint
          : 'check the user in PG_CONNECTION_URL'
    case '3D000':
      return 'check the database in PG_CONNECTION_URL'
    case '3F000':
    case '42883':
    case '42P01':
      return 'is this the coordinator (port 5432 of an elastic cluster), and is Citus installed in this database? Then run sql/01-autoscaler.sql here'
    case '42501':
      return 'run sql/02-roles.sql, and let the app sign in as a member of autoscaler_function'
    case '25006':
      return readOnlyHint
    case '08P01':
    case '08004':
      if (/startup parameter/.test(message))
        return 'remove the parameter from PG_CONNECTION_URL, or add it to ignore_startup_parameters of PgBouncer'
      return poolerWithoutServer.test(message)
        ? 'the answer of a pooler that got no connection to the database: check that the database is up, and the limits and the log of the pooler'
        : 'the answer of a pooler: check user, password and database in PG_CONNECTION_URL, and the log of the pooler'
    case 'TLS_NOT_OFFERED':
      return 'turn on TLS at the server; only where the network is trusted, sslmode=disable in PG_CONNECTION_URL'
    case 'NOT_POSTGRESQL':
      return 'check host and port in PG_CONNECTION_URL'
    case 'AUTHENTICATION_UNKNOWN':
      return 'let the user sign in by password in pg_hba.conf: scram-sha-256'
    case 'CERT_HAS_EXPIRED':
      return "renew the server's certificate"
    case 'CERT_NOT_YET_VALID':
      return "check the server's clock and its certificate"
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'the certificate is for another host: name the host in PG_CONNECTION_URL as the certificate does'
  }
  if (certificate.test(code))
    return 'the certificate is not trusted: put the certificate of its authority into PG_CA_CERTIFICATE'
  return undefined
}

const roleHint =
  "the user in PG_CONNECTION_URL must be the role that was made for the app's identity here, a member of autoscaler_function: see infra/README.md"

/** For SQLSTATE 25006, and for the warnings of `status` and of a dry run about a server that takes no writes. */
export const readOnlyHint =
  'the server takes no writes: its disk is full, or it is a replica. Free or add storage, or set PG_CONNECTION_URL to the primary'
