import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { connect } from '../database.ts'

/**
 * Creates a role that may only log in, and do what `statements` grant; `limits` are options of CREATE ROLE. Returns the URL for it. The role is
 * dropped after the test, and after the test's database.
 */
export async function asNewRole(
  t: TestContext,
  url: string,
  limits: string,
  statements: (role: string, database: string) => string = () => '',
): Promise<string> {
  const role = `test_${randomBytes(6).toString('hex')}`
  const database = new URL(url).pathname.slice(1)
  await execute(url, `CREATE ROLE ${role} LOGIN PASSWORD 'a-word' ${limits}; ${statements(role, database)}`)
  t.after(() => execute(Object.assign(new URL(url), { pathname: 'postgres' }).href, `DROP ROLE ${role}`))
  return Object.assign(new URL(url), { username: role, password: 'a-word' }).href
}

async function execute(url: string, statements: string): Promise<void> {
  const sql = connect(url, { max: 1 })
  try {
    await sql.unsafe(statements)
  } finally {
    await sql.end()
  }
}
