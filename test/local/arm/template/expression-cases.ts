import type { Json } from '../../../../src/local/arm/template/json.ts'

// The results of these expressions on Azure. This project's evaluator is tested with them, and Azure's own if it is installed.

export const values: [expression: string, value: Json][] = [
  ['plain', 'plain'],
  ['[open', '[open'],
  ['close]', 'close]'],
  [' [not at the start]', ' [not at the start]'],
  ["['text']", 'text'],
  ["['it''s [x], (y)']", "it's [x], (y)"],
  ["[ createObject( 'a' , 'b' ) ]", { a: 'b' }],
  ["[CREATEOBJECT('a', 'B')]", { a: 'B' }],
  ['[null()]', null],
  ["[parameters('prefix')]", 'p-'],
  ["[parameters('PREFIX')]", 'p-'],
  ["[parameters('cluster')]", { Name: 'shop', nodes: [{ size: 4 }] }],
  ["[union(createObject('a', '1'), createObject('a', '2', 'b', '3'))]", { a: '2', b: '3' }],
  ["[union(createObject('a', '1'), createObject('a', null()))]", { a: '1' }],
  ["[union(createObject('a', null()), createObject('a', '1'))]", { a: '1' }],
  ["[union(createObject('b', '1', 'A', '1'), createObject('a', '2'))]", { b: '1', a: '2' }],
  [
    "[union(createObject('a', createObject('x', '1')), createObject('a', createObject('y', '2')))]",
    { a: { x: '1', y: '2' } },
  ],
  ["[union(createObject('A', createObject('x', '1')), createObject('a', createObject('X', '2')))]", { a: { X: '2' } }],
  ["[union(createObject('a', '1'), createObject('b', '2'), createObject('a', '3'))]", { a: '3', b: '2' }],
  ['[createObject()]', {}],
  ["[createObject('a b', createObject())]", { 'a b': {} }],
  ['[empty(null())]', true],
  ["[empty('')]", true],
  ['[empty(createObject())]', true],
  ["[empty(createObject('a', null()))]", false],
  ["[empty(parameters('none'))]", true],
  ["[empty(parameters('prefix'))]", false],
  ["[if(empty(''), 'yes', createObject('one'))]", 'yes'],
  ["[if(empty('x'), createObject('one'), 'no')]", 'no'],
]

/** Expressions that can't be evaluated, and a part of Azure's message. */
export const failures: [expression: string, message: string][] = [
  ['[foo()]', "The template function 'foo' is not valid."],
  ['[constructor()]', "The template function 'constructor' is not valid."],
  ['[]', "Unable to parse language expression ''"],
  ['[null]', "Unable to parse language expression 'null'"],
  ["[empty('a'] b]", 'Unable to parse language expression'],
  ["[empty('a') b]", 'Unable to parse language expression'],
  ["[empty('a',)]", 'Unable to parse language expression'],
  ["[parameters('p')]", "The template parameter 'p' is not found."],
  ["[union('a', 'b')]", "'union' expects its"],
  [
    "[union(createObject('a', '1'), createObject('a', createObject()))]",
    "'union' failed to evaluate due to a type mismatch between 'String' and 'Object'.",
  ],
  ['[union(createObject())]', "Unable to evaluate template language function 'union'"],
  [
    "[empty('a', 'b')]",
    "Unable to evaluate template language function 'empty': function requires 1 argument(s) while 2 were provided.",
  ],
  ["[createObject('a')]", "'createObject' expects an even number of parameters"],
  ["[createObject(null(), 'a')]", "'createObject' expects"],
  ["[createObject('a', '1', 'a', '2')]", "'createObject' expects all property names to be unique."],
  ["[empty(parameters('number'))]", "'empty' expects its parameter to be"],
  ["[if('a', 'b', 'c')]", "'if' expects"],
]

/** Expressions that Azure evaluates and this emulator refuses, since no shipped template needs them, with a part of its message. */
export const notSupported: [expression: string, message: string][] = [
  ["[concat('a', 'b')]", "The template function 'concat' is not valid. This emulator knows"],
  ["[resourceId('Microsoft.X/a', 'n')]", "'resourceId' is not valid. This emulator knows"],
  ["[parameters('cluster').name]", 'This emulator knows texts and calls of functions only'],
  ["[parameters('cluster')['name']]", 'This emulator knows texts and calls of functions only'],
  ['[5]', 'This emulator knows texts and calls of functions only'],
  ['[[escaped]', 'This emulator knows texts and calls of functions only'],
]
