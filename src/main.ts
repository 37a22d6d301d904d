import { app } from '@azure/functions'
import { functions } from './functions/table.ts'

for (const { name, method, handler } of functions)
  app.http(name, { methods: [method], authLevel: 'function', route: name, handler })
