import { invalid } from './template-error.ts'

/** A resource's place among the others: it waits for those that it names by id, by name or by the name of their copy loop. */
export type OrderedNode = { id: string; name: string; loop?: string; dependsOn: string[] }

/** The nodes, each after those that it depends on. Throws a TemplateError for an unknown dependency and for a circle. */
export function inOrder<Node extends OrderedNode>(nodes: Node[], loops: string[]): Node[] {
  const known = new Set([...nodes.flatMap(names), ...loops.map(lowerCase)])
  const unknown = nodes.flatMap(({ dependsOn }) => dependsOn).find((name) => !known.has(lowerCase(name)))
  if (unknown !== undefined) {
    invalid(
      `The resource '${unknown}' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details.`,
    )
  }
  const ordered: Node[] = []
  let waiting = nodes
  while (waiting.length > 0) {
    const awaited = new Set(waiting.flatMap(names))
    const ready = waiting.filter(({ dependsOn }) => !dependsOn.some((name) => awaited.has(lowerCase(name))))
    if (ready.length === 0) {
      invalid(
        `Circular dependency detected on resource: '${waiting[0]?.id}'. Please see https://aka.ms/arm-syntax-resources for usage details.`,
      )
    }
    ordered.push(...ready)
    waiting = waiting.filter((node) => !ready.includes(node))
  }
  return ordered
}

const lowerCase = (text: string): string => text.toLowerCase()

const names = ({ id, name, loop }: OrderedNode): string[] =>
  [id, name, ...(loop === undefined ? [] : [loop])].map(lowerCase)
