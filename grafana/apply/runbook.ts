import type { Dashboard } from './dashboards.ts'

export type Section = { anchor: string; title: string; text: string }

const uid = 'citus-autoscaler-runbook'

/** The sections of RUNBOOK.md, one for each second-level heading. Anchors are as on GitHub. */
export function readSections(markdown: string): Section[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n')
      return { anchor: anchorOf(title), title, text: lines.join('\n').trim() }
    })
}

const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .trim()
    .replaceAll(' ', '-')

/** The runbook as a dashboard, with a panel for each section: a person who is paged has Grafana open, and its links always work. */
export const runbookDashboard = (sections: readonly Section[]): Dashboard => ({
  uid,
  title: 'Citus: runbook',
  description: 'grafana/RUNBOOK.md: what to do about each rule for people and each reason that the functions answer.',
  tags: ['citus-autoscaler'],
  schemaVersion: 39,
  editable: true,
  templating: { list: [] },
  annotations: { list: [] },
  panels: sections.map(({ title, text }, index) => ({
    id: index + 1,
    type: 'text',
    title: title.replaceAll('`', ''),
    gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 10, w: 12, h: 10 },
    options: { mode: 'markdown', content: text },
  })),
})

/** The link of a rule's annotation `RUNBOOK.md#anchor` to the panel that shows the section. Throws if there is no such section. */
export function sectionLink(reference: string, sections: readonly Section[]): string {
  const index = sections.findIndex(({ anchor }) => `RUNBOOK.md#${anchor}` === reference)
  if (index < 0) throw new Error(`grafana/RUNBOOK.md has no section for ${reference}`)
  return `{{ externalURL }}d/${uid}?viewPanel=${index + 1}`
}
