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

// `z` as a named import keeps all of zod's locales in the bundle: 1.2 MB instead of 0.8 (measured with esbuild 0.28, zod 4.6).
const wholeZod = {
  selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier",
  message: "import * as z from 'zod' can be tree-shaken",
}

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
      'no-restricted-syntax': ['error', wholeZod],
    },
  },
  // node:test's `test` and `describe` return promises that the runner itself awaits.
  { files: ['test/**'], rules: { '@typescript-eslint/no-floating-promises': 'off' } },
  {
    files: ['src/scaling/**', 'src/webhook/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: outerRooms }] }] },
  },
)
