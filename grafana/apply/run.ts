import { allResources } from './all-resources.ts'
import { applyAll } from './apply-all.ts'
import type { Variables } from './expand-variables.ts'
import { grafanaApi } from './grafana-api.ts'
import { readOptions, usage, type Options } from './options.ts'
import { render } from './render.ts'
import { readShippedFiles } from './shipped-files.ts'

/** The command: reads its arguments, does what they say, prints what came of it. True when everything is as it should be. */
export async function run(
  args: readonly string[],
  variables: Variables,
  print: (line: string) => void,
): Promise<boolean> {
  const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
  let options
  try {
    options = readOptions(args, variables)
  } catch (error) {
    print(`${messageOf(error)}\n\n${usage}`)
    return false
  }
  try {
    return await carryOut(options, variables, print)
  } catch (error) {
    print(messageOf(error))
    return false
  }
}

async function carryOut(options: Options, variables: Variables, print: (line: string) => void): Promise<boolean> {
  const files = await readShippedFiles(options.kind)
  if (options.task === 'render') {
    const written = await render(files, variables, options.policies, options.directory)
    for (const name of written) print(`written    ${name}`)
    return true
  }
  const token = options.signIn === 'entra' ? await entraToken() : options.signIn.token
  const api = grafanaApi(options.url, token)
  return applyAll(api, allResources(api, files, variables, options.policies), options, print)
}

/** A token for Azure Managed Grafana, whoever is signed in; the SDK is loaded only when asked for. */
async function entraToken(): Promise<string> {
  const { DefaultAzureCredential } = await import('@azure/identity')
  const { token } = await new DefaultAzureCredential().getToken('https://dashboard.azure.com/.default')
  return token
}
