import tseslint from 'typescript-eslint'

// The rings of the design: an arrow goes inward only. What is pure knows neither SDK nor driver nor environment.
const outerRooms = [
  '**/azure/**',
  '**/citus/**',
  '**/cluster/**',
  '**/functions/**',
  '**/local/**',
  '@azure/*',
  'postgres',
]

// What is deployed starts the sooner the less there is to load: zod's classic API costs a start 14 ms of 130, and `z` as a named import
// drags in all of zod's locales; `z.catch` brings 9 KB that nothing else needs (zod 4.6, esbuild 0.28, Node 22).
const heavyZod = [
  {
    selector: "ImportDeclaration[source.value='zod'], ImportDeclaration[source.value='zod/mini'] > ImportSpecifier",
    message: "import * as z from 'zod/mini' loads sooner",
  },
  {
    selector: "MemberExpression[object.name='z'][property.name='catch']",
    message: 'z.transform takes anything, and loads sooner',
  },
]

// A bundle's minifier renames classes, and a class that is in two of its files is two classes: in production an error's name is a letter
// and `instanceof` may be false. SQLSTATE, `code` and `statusCode` stay.
const message = 'tell errors apart by SQLSTATE, code or statusCode: the bundle renames classes, and may hold one twice'
const byName = [
  "MemberExpression[object.name=/^(e|err|error|cause)$/i][property.name='name']",
  "VariableDeclarator[init.name=/^(e|err|error|cause)$/i] > ObjectPattern > Property[key.name='name']",
  "MemberExpression[object.property.name='constructor'][property.name='name']",
  "BinaryExpression[operator=/^[!=]==?$/]:has(> MemberExpression[property.name='name']):has(> Literal[value=/Error$/])",
  "CallExpression[callee.property.name=/^(test|exec)$/] > MemberExpression[property.name='name']",
  'CallExpression[callee.property.name=/^(literal|enum)$/] Literal[value=/Error$/]',
].map((selector) => ({ selector, message }))
const packages = /^(\$?Zod|Postgres|Rest|(Aggregate)?Authentication|Credential)\w*Error$/
const byPackagesClass = [
  `BinaryExpression[operator='instanceof'][right.name=${packages}]`,
  "BinaryExpression[operator='instanceof'] > MemberExpression.right",
].map((selector) => ({ selector, message }))
const global = /^(Error|AggregateError|SyntaxError|TypeError|DOMException|Date|URL|Uint8Array|AbortSignal|Response)$/
const byClass = [{ selector: `BinaryExpression[operator='instanceof'][right.name!=${global}]`, message }]

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'max-lines': ['error', { max: 250 }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  // node:test's `test` and `describe` return promises that the runner itself awaits.
  { files: ['test/**'], rules: { '@typescript-eslint/no-floating-promises': 'off' } },
  {
    files: ['src/**'],
    ignores: ['src/local/**', 'src/simulation/**'],
    rules: { 'no-restricted-syntax': ['error', ...heavyZod, ...byName, ...byClass] },
  },
  // Never bundled: classes of its own are what they are.
  {
    files: ['src/local/**', 'src/simulation/**'],
    rules: { 'no-restricted-syntax': ['error', ...byName, ...byPackagesClass] },
  },
  {
    files: ['src/scaling/**', 'src/webhook/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: outerRooms }] }] },
  },
)
