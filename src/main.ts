import { app } from '@azure/functions'
import { functionTable } from './functions/function-table.ts'

for (const { name, method, handler } of functionTable({ environment: process.env, now: () => new Date() }))
  app.http(name, { methods: [method], authLevel: 'function', route: name, handler })
