import { app } from '@azure/functions'

app.http('empty', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'empty',
  handler: () => ({ status: 200, body: '{}' }),
})
