import { measureAnswers, measureHeap } from './measure-answers.ts'
import { measureCatalogue } from './measure-catalogue.ts'
import { measureRebalanceDelay } from './measure-rebalance-delay.ts'
import { measureStart } from './measure-start.ts'

// npm run bench [-- start|answers|heap|rebalance|catalogue …]: all if none is named.
const parts = {
  start: measureStart,
  answers: measureAnswers,
  heap: measureHeap,
  rebalance: measureRebalanceDelay,
  catalogue: measureCatalogue,
}
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.keys(parts).includes(name))
if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: there are ${Object.keys(parts).join(', ')}`)
for (const [name, measure] of Object.entries(parts))
  if (wanted.length === 0 || wanted.includes(name)) {
    await measure(console.log)
    console.log()
  }
