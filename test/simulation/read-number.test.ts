import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decimalMarkOf, numberReader } from '../../src/simulation/read-number.ts'

const marks: { texts: string[]; separator: string; mark: '.' | ',' | undefined }[] = [
  { texts: ['12.5', '100'], separator: ',', mark: '.' },
  { texts: ['12,5', '100'], separator: ',', mark: ',' },
  { texts: ['12,5 %', '100 %'], separator: '\t', mark: ',' },
  { texts: ['1,234', '1,234.5'], separator: ',', mark: '.' },
  { texts: ['1.234', '1.234,5'], separator: ';', mark: ',' },
  { texts: ['1,234,567'], separator: ';', mark: '.' },
  { texts: ['1,234', '12.5'], separator: ',', mark: '.' },
  { texts: ['0,125', '1,234'], separator: '\t', mark: ',' },
  { texts: ['1,234'], separator: ';', mark: ',' },
  { texts: ['1,234'], separator: ',', mark: undefined },
  { texts: ['1,234', '222,111'], separator: '\t', mark: undefined },
  { texts: ['1,234.5', '1.234,5'], separator: ';', mark: undefined },
  { texts: ['CPU, in %', '100'], separator: ',', mark: '.' },
]
for (const { texts, separator, mark } of marks)
  test(`${texts.join(' and ')} between ${JSON.stringify(separator)}: the decimal mark is ${mark ?? 'unknown'}`, () =>
    assert.equal(decimalMarkOf(texts, separator), mark))

const numbers: { text: string; mark: '.' | ','; number: number | 'missing' | undefined }[] = [
  { text: '12.5', mark: '.', number: 12.5 },
  { text: '45.2%', mark: '.', number: 45.2 },
  { text: '45,2 %', mark: ',', number: 45.2 },
  { text: '1,234.5', mark: '.', number: 1234.5 },
  { text: '1.234,5', mark: ',', number: 1234.5 },
  { text: '1.234', mark: ',', number: 1234 },
  { text: '1 234,5', mark: ',', number: 1234.5 },
  { text: '1\u202f234\u00a0567,5', mark: ',', number: 1_234_567.5 },
  { text: "1'234.5", mark: '.', number: 1234.5 },
  { text: '1.5e3', mark: '.', number: 1500 },
  { text: '12.5', mark: ',', number: undefined },
  { text: '1,23.5', mark: '.', number: undefined },
  { text: '1,5', mark: '.', number: undefined },
  { text: '12 5', mark: '.', number: undefined },
  { text: '0x20', mark: '.', number: undefined },
  { text: '5 GiB', mark: '.', number: undefined },
  { text: '%', mark: '.', number: undefined },
  { text: 'NaN', mark: '.', number: 'missing' },
  { text: '', mark: ',', number: 'missing' },
  { text: '-inf', mark: '.', number: Infinity },
]
for (const { text, mark, number } of numbers)
  test(`${JSON.stringify(text)} with the decimal mark ${mark} is ${number}`, () =>
    assert.equal(numberReader(mark)(text), number))

test('a number that a locale formats is read as the same number', () => {
  const hundredths = fc.integer({ min: 0, max: 1e9 }).map((value) => value / 100)
  fc.assert(
    fc.property(fc.constantFrom('en', 'de', 'fr', 'de-CH', 'pt-PT'), fc.array(hundredths), (locale, values) => {
      const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2 })
      const texts = values.map((value) => format.format(value))
      const mark = decimalMarkOf(texts, ';')
      assert.ok(mark || values.length === 0)
      assert.deepEqual(
        texts.map((text) => mark && numberReader(mark)(text)),
        values,
      )
    }),
  )
})
