import fc from 'fast-check'

const surrogates = { first: 0xd800, count: 0x800 }

/** Text of any Unicode characters. fast-check's own `unit: 'binary'` makes a map of all of them first, which takes longer than most tests. */
export const anyText = fc.string({
  unit: fc
    .nat(0x10ffff - surrogates.count)
    .map((code) => String.fromCodePoint(code < surrogates.first ? code : code + surrogates.count)),
})
