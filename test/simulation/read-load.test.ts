import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readLoad } from '../../src/simulation/read-load.ts'
import { onlyInFull } from '../in-full.ts'

const read = (text: string, unit = 100) => {
  const { load, repairs } = readLoad(text, 'own.csv', unit)
  return { minutes: [...load.minutes], repairs }
}

const same = { minutes: [100, 150, 200], repairs: [] }
const accepted: { name: string; text: string; unit?: number; expected: { minutes: number[]; repairs: string[] } }[] = [
  {
    name: 'commas and a header',
    text: 'time,cpu\n2026-01-05T00:00:00Z,100\n2026-01-05T00:01:00Z,150\n2026-01-05T00:02Z,200\n2026-01-05T00:03Z,9\n',
    expected: same,
  },
  {
    name: 'no header',
    text: '2026-01-05 00:00,100\n2026-01-05 00:01,150\n2026-01-05 00:02,200\n2026-01-05 00:03,9',
    expected: same,
  },
  {
    name: 'tabs, CRLF and blank lines',
    text: 'time\tcpu\r\n\r\n60\t100\r\n120\t150\r\n180\t200\r\n240\t9\r\n\r\n',
    expected: same,
  },
  { name: 'semicolons and decimal commas', text: 'Zeit;CPU\n60;100,0\n120;150,0\n180;200,0\n240;9,5', expected: same },
  { name: 'quotes, as jq writes them', text: '60,"100"\n120,"150"\n180,"200"\n240,"9"', expected: same },
  {
    name: 'milliseconds',
    text: '1767571200000,100\n1767571260000,150\n1767571320000,200\n1767571380000,9',
    expected: same,
  },
  {
    name: 'another time zone',
    text: '2026-01-05T01:00:00+01:00,100\n2026-01-05 00:01:00+00,150\n2026-01-05T00:02:00Z,200\n2026-01-05T00:03Z,9',
    expected: same,
  },
  { name: 'a byte order mark', text: '\uFEFFtime,cpu\n60,100\n120,150\n180,200\n240,9', expected: same },
  { name: "Excel's sep= line", text: 'sep=,\r\n"Time","cpu"\r\n60,100\r\n120,150\r\n180,200\r\n240,9', expected: same },
  {
    name: "Excel's sep= line, quoted, with a semicolon",
    text: '"sep=;"\nZeit;CPU\n60;100,0\n120;150\n180;200\n240;9',
    expected: same,
  },
  { name: "Excel's sep= line for a tab", text: '\uFEFFsep=\t\n60\t100\n120\t150\n180\t200\n240\t9', expected: same },
  {
    name: 'a separator that is known only from the sep= line',
    text: 'sep=|\n60|100\n120|150\n180|200\n240|9',
    expected: same,
  },
  { name: 'percent signs', text: '60,100%\n120,150 %\n180,200.0%\n240,9%', expected: same },
  {
    name: 'quoted decimal commas between commas',
    text: '60,"100,0"\n120,"150,0"\n180,"200,0"\n240,"9,5"',
    expected: same,
  },
  {
    name: 'thousand separators',
    text: '60,"1,000"\n120,"1,500.0"\n180,"2,000"\n240,9',
    unit: 1000,
    expected: same,
  },
  {
    name: 'thousand separators of another country',
    text: '05.01.2026 00:00;1.000\n05.01.2026 00:01;1.500,0\n05.01.2026 00:02;2.000,0\n05.01.2026 00:03;9',
    unit: 1000,
    expected: same,
  },
  { name: 'carriage returns alone', text: 'time,cpu\r60,100\r120,150\r180,200\r240,9\r', expected: same },
  {
    name: 'the repeated hour with its time zone',
    text: '2026-10-25T02:58:00+02:00,100\n2026-10-25T02:59:00+02:00,150\n2026-10-25T02:00:00+01:00,200\n2026-10-25T02:01:00+01:00,9',
    expected: same,
  },
  { name: 'queries per second', text: '60,500\n120,750\n180,1000\n240,9', unit: 500, expected: same },
  {
    name: 'rows out of order',
    text: '180,200\n60,100\n120,150\n240,9',
    expected: { ...same, repairs: ['rows out of order: sorted by time'] },
  },
  {
    name: 'quotes within a header',
    text: 'time,cpu{a="1"}\n60,100\n120,150\n180,200\n240,9',
    expected: same,
  },
  {
    name: "a header of Grafana's, which quotes",
    text: '"Time","cpu {a=""1"", b=""2""}"\n60,100\n120,150\n180,200\n240,9',
    expected: same,
  },
  {
    name: 'rows without a value',
    text: '0,NaN\n60,100\n120,NaN\n150,\n180,200\n240,null',
    expected: {
      minutes: [100, 150],
      repairs: [
        '2 rows without a value: filled in between their neighbours',
        '2 rows without a value at the start or end: left out',
      ],
    },
  },
  {
    name: 'a gap',
    text: '0,100\n60,100\n120,100\n300,400\n360,9',
    expected: {
      minutes: [100, 100, 100, 200, 300, 400],
      repairs: ['1 gap of up to 3 min: filled in with a straight line'],
    },
  },
  {
    name: 'several rows per minute',
    text: '0,100\n20,200\n40,150\n60,300\n80,500\n100,400\n120,9',
    expected: { minutes: [150, 400], repairs: ['several rows in a minute: the mean counts'] },
  },
]

for (const { name, text, unit, expected } of accepted)
  test(`a load file with ${name} is read`, () => assert.deepEqual(read(text, unit), expected))

/** Rows every `step` minutes for some hours of a local clock; an hour may be repeated. */
function localRows(hours: readonly string[], step: number): string {
  const minutes = Array.from({ length: 60 / step }, (_, index) => String(index * step).padStart(2, '0'))
  return hours.flatMap((hour) => minutes.map((minute) => `${hour}:${minute}:00,100`)).join('\n')
}

const refused: { name: string; text: string; error: RegExp }[] = [
  {
    name: 'a gap of three hours',
    text: '0,1\n60,1\n10860,1',
    error: /^line 3: no value for 180 minutes before it, since line 2/,
  },
  ...[1, 5, 10, 15, 20, 30, 60].map((step) => ({
    name: `the repeated hour when clocks go back, in steps of ${step} min`,
    text: localRows(['2026-10-25 01', '2026-10-25 02', '2026-10-25 02', '2026-10-25 03'], step),
    error: /^line \d+: .*: local times\? export in UTC$/,
  })),
  ...[1, 5, 15].map((step) => ({
    name: `the missing hour when clocks go forward, in steps of ${step} min`,
    text: localRows(['2026-03-29 00', '2026-03-29 01', '2026-03-29 03', '2026-03-29 04'], step),
    error: /^line \d+: no value for [67]\d minutes .*: local times\? export in UTC$/,
  })),
  {
    name: 'the repeated hour, newest first',
    text: localRows(['2026-10-25 01', '2026-10-25 02', '2026-10-25 02', '2026-10-25 03'], 5)
      .split('\n')
      .reverse()
      .join('\n'),
    error: /^line \d+: the same time as line \d+: local times\? export in UTC$/,
  },
  {
    name: 'commas that may separate thousands or decimals',
    text: 'time,cpu\n60,"1,000"\n120,"1,500"',
    error: /^line 2: "1,000" may be a thousand or a decimal comma/,
  },
  {
    name: 'a mistake after a sep= line',
    text: 'sep=;\nZeit;CPU\n60;1\n120;viel',
    error: /^line 4: "viel" is no number/,
  },
  { name: 'a time twice', text: 'time,cpu\n60,1\n120,1\n60,2', error: /^line 4: the same time as line 2/ },
  {
    name: 'three columns',
    text: 'time,cpu\n60,1\n120,1,2',
    error: /^line 3: 3 columns where time and value are expected/,
  },
  { name: 'one column', text: '1\n2\n3', error: /^line 1: 1 columns/ },
  { name: 'a word for a number', text: '60,1\n120,lots', error: /^line 2: "lots" is no number/ },
  { name: 'a decimal comma between commas', text: '60,1\n120,1,5', error: /^line 2: 3 columns/ },
  { name: 'a word for a time', text: '60,1\nnoon,1', error: /^line 2: "noon" is no time such as/ },
  {
    name: 'a time that does not exist',
    text: '60,1\n2026-13-45T00:00:00Z,1',
    error: /^line 2: "2026-13-45T00:00:00Z" is no time/,
  },
  { name: 'a day that does not exist', text: '60,1\n2026-02-30,1', error: /^line 2: "2026-02-30" is no time/ },
  { name: 'hexadecimal', text: '60,1\n120,0x20', error: /^line 2: "0x20" is no number/ },
  { name: 'a quote that is not closed', text: '60,1\n120,"1', error: /Quote Not Closed.* line 2/ },
  { name: 'a negative load', text: '60,1\n120,-3', error: /^line 2: "-3" can't be a load/ },
  { name: 'an infinite load', text: '60,1\n120,Infinity', error: /^line 2: "Infinity" can't be a load/ },
  { name: 'a second header', text: 'time,cpu\n60,1\ntime,cpu', error: /^line 3: "time" is no time/ },
  { name: 'nothing but a header', text: 'time,cpu\n', error: /there are 0 usable rows/ },
  { name: 'nothing', text: '', error: /there are 0 usable rows/ },
  { name: 'nothing but NaN', text: '60,NaN\n120,NaN', error: /there are 0 usable rows/ },
]

for (const { name, text, error } of refused)
  test(`a load file with ${name} is refused`, () => assert.throws(() => read(text), { message: error }))

test('neither the order of the rows nor interpolated rows in between change the load', () => {
  const rows = Array.from({ length: 30 }, (_, minute) => ({ line: `${minute * 60},${minute * 10}`, minute }))
  fc.assert(
    fc.property(fc.shuffledSubarray(rows), (some) => {
      const ends = [rows[0], rows.at(-1)].flatMap((row) => row ?? [])
      const text = [...new Set([...some, ...ends])].map(({ line }) => line).join('\n')
      const expected = Array.from({ length: 29 }, (_, minute) => minute * 10)
      assert.deepEqual(read(text).minutes.map(Math.round), expected)
    }),
  )
})

test('a month in steps of 15 s, with a gap, is read', { skip: onlyInFull }, () => {
  const rows = Array.from({ length: 172_800 }, (_, row) => `${row * 15},100`)
  const { minutes, repairs } = read(rows.filter((_, row) => row < 1000 || row > 1100).join('\n'))
  assert.equal(minutes.length, 43_200)
  assert.match(repairs.join(), /1 gap of up to 26 min/)
})
