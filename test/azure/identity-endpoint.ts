import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { listen } from '../../src/local/listen.ts'

export type IdentityAnswer = (request: IncomingMessage, response: ServerResponse) => void

/** Answers with JSON, or with a text that claims to be JSON. */
export const answersWith =
  (status: number, body: unknown): IdentityAnswer =>
  (_request, response) =>
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body))

/** What App Service answers (its page on managed identities, "REST endpoint reference"): `expires_on` is text, in seconds. */
export const givesToken =
  (token: string, expiresAt: Date): IdentityAnswer =>
  (request, response) =>
    answersWith(200, {
      access_token: token,
      client_id: clientId,
      expires_on: String(Math.floor(expiresAt.getTime() / 1000)),
      not_before: '0',
      resource: resourceOf(request),
      token_type: 'Bearer',
    })(request, response)

export const hangs: IdentityAnswer = () => undefined
export const hangsUp: IdentityAnswer = (_request, response) => response.destroy()

const queryOf = ({ url = '' }: IncomingMessage) => new URL(url, 'http://localhost').searchParams
const resourceOf = (request: IncomingMessage) => queryOf(request).get('resource') ?? 'none'

const clientId = '00000000-0000-0000-0000-00000000000c'

export type IdentityEndpoint = {
  /** The environment variables with which @azure/identity finds it, as App Service and infra/ set them. */
  environment: Record<string, string>
  /** The resources for which tokens were requested. */
  asked: string[]
  answerWith: (answer: IdentityAnswer) => void
}

/** A stand-in for the managed identity endpoint of App Service; it ends with the test. */
export async function startIdentityEndpoint(t: TestContext, first: IdentityAnswer): Promise<IdentityEndpoint> {
  const asked: string[] = []
  let answer = first
  const server = createServer((request, response) => {
    const query = queryOf(request)
    if (request.method !== 'GET' || query.get('api-version') !== '2019-08-01') return void response.writeHead(404).end()
    if (request.headers['x-identity-header'] !== 'header-word') return void response.writeHead(401).end()
    asked.push(resourceOf(request))
    if (query.get('client_id') === clientId) answer(request, response)
    else answersWith(400, { statusCode: 400, message: 'No User Assigned Managed Identity found' })(request, response)
  })
  const { url, ...endpoint } = await listen(server, 0)
  t.after(() => endpoint.close())
  return {
    environment: {
      IDENTITY_ENDPOINT: `${url}/msi/token`,
      IDENTITY_HEADER: 'header-word',
      AZURE_CLIENT_ID: clientId,
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    },
    asked,
    answerWith: (next) => (answer = next),
  }
}
