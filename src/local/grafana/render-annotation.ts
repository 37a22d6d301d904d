import type { Labels } from './labels.ts'

/** Where Grafana is. */
export const externalUrl = 'http://localhost:3000/'

type Data = { labels: Labels; values: Readonly<Record<string, number | null>> }

/**
 * An annotation with its templates filled in, as far as the shipped rules use Grafana's template language: `{{ .Labels.name }}`,
 * `{{ .Values.refId.Value }}`, `{{ printf "%.1f" .Values.refId.Value }}` and `{{ externalURL }}`, which ends in a slash. Throws at any other template.
 */
export function renderAnnotation(text: string, { labels, values }: Data): string {
  return text.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (template, inside: string) => {
    if (inside === 'externalURL') return externalUrl
    const label = /^\.Labels\.(\w+)$/.exec(inside)?.[1]
    if (label !== undefined) return labels[label] ?? ''
    const [, decimals, refId] = /^(?:printf "%\.(\d)f" )?\.Values\.(\w+)\.Value$/.exec(inside) ?? []
    if (refId === undefined) throw new Error(`the template ${template} is not one that the stand-in renders`)
    const value = values[refId] ?? NaN
    return decimals === undefined ? String(value) : value.toFixed(Number(decimals))
  })
}
