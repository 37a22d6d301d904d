import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { readSections, sectionLink } from '../../grafana/apply/runbook.ts'
import { clusterKinds, readShippedFiles } from '../../grafana/apply/shipped-files.ts'
import { reasons } from '../../src/scaling/reasons.ts'

const markdown = await readFile(new URL('../../grafana/RUNBOOK.md', import.meta.url), 'utf8')
const sections = readSections(markdown)
const kinds = await Promise.all(clusterKinds.map(async (kind) => ({ kind, files: await readShippedFiles(kind) })))
const rules = kinds.flatMap(({ files }) => files.groups.flatMap((group) => group.rules))
const forPeople = rules.filter(({ labels }) => labels.action === 'people')

/** The rows of the table: what happens, the rule, its receiver, and the wait. */
const rows = (sections.find(({ anchor }) => anchor === 'who-hears-of-what')?.text ?? '')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => {
    const [what = '', rule = '', who = '', after = ''] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim())
    return { what, rule: /^`(.+)`$/.exec(rule)?.[1], text: rule, who, after }
  })

test('every rule in the table is shipped, with the receiver and the wait of the table', () => {
  assert.ok(rows.length > 30)
  for (const { what, rule, text, who, after } of rows) {
    if (rule === undefined) {
      assert.match(text, /^none: all is well$|^Azure Monitor's own$/, what)
      continue
    }
    const shipped = rules.filter(({ uid }) => uid === rule)
    assert.ok(shipped.length > 0, `${what}: there is no rule ${rule}`)
    for (const { labels, for: wait } of shipped) assert.deepEqual([who, after], [labels.action, wait], what)
  }
})

test('every reason of the functions is in the table and has a section', () => {
  for (const reason of Object.keys(reasons)) {
    assert.ok(
      rows.some(({ what }) => what.startsWith(`\`${reason}\``)),
      `the table has no row for ${reason}`,
    )
    assert.ok(
      sections.some(({ title }) => title === `\`${reason}\``),
      `there is no section ${reason}`,
    )
  }
  const named = rows.map(({ what }) => /^`([\w-]+)`/.exec(what)?.[1]).filter((name) => name !== undefined)
  for (const name of named) assert.ok(name in reasons, `${name} is not a reason`)
})

test('every rule for people is in the table and links to an existing section', () => {
  for (const { uid, annotations } of forPeople) {
    assert.ok(
      rows.some(({ rule }) => rule === uid),
      uid,
    )
    assert.match(sectionLink(annotations.runbook ?? '', sections), /viewPanel=\d+$/, uid)
  }
  assert.equal(new Set(sections.map(({ anchor }) => anchor)).size, sections.length)
})

test('each kind has the rules that the runbook says it has', () => {
  const everywhere = ['still-hot', 'hot-at-maximum', 'cpu-unknown', 'node-hot', 'storage-low', 'storage-very-low']
  for (const { kind, files } of kinds) {
    const uids = files.groups.flatMap((group) => group.rules.map(({ uid }) => uid))
    const own = kind === 'elastic-cluster' ? everywhere : [...everywhere, 'coordinator-hot']
    assert.deepEqual(
      own.filter((uid) => !uids.includes(uid)),
      [],
      kind,
    )
    assert.ok(kind !== 'elastic-cluster' || !uids.includes('coordinator-hot'))
  }
})

test('the sections named in italics exist', () => {
  const titles = sections.map(({ title }) => title.replaceAll('`', ''))
  const references = [...markdown.matchAll(/\b[Ss]ee _([^_]+(?:_[a-z]+[^_]*)?)_/g)].map(([, title]) => title)
  assert.ok(references.length > 5)
  for (const reference of references) assert.ok(titles.includes(reference ?? ''), reference)
})
