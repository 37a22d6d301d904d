import { answersWith, hangs, hangsUp, type IdentityAnswer } from './identity-endpoint.ts'

export const refusesToken = (statusCode: number) =>
  answersWith(statusCode, {
    statusCode,
    message: 'No User Assigned or Delegated Managed Identity found for specified ClientId',
    correlationId: '00000000-0000-0000-0000-000000000001',
  })

/** Failures of the identity endpoint, with the reason and the message of the app's answer. */
export const failing: [name: string, answer: IdentityAnswer, reason: string, message: RegExp][] = [
  ...[400, 401, 403].map((status): (typeof failing)[number] => [
    `answers ${status}`,
    refusesToken(status),
    'azure-refused',
    new RegExp(
      `answered ${status}: No User Assigned or Delegated Managed Identity found.*\\(give the function app its`,
    ),
  ]),
  ['answers 200 without a token', answersWith(200, {}), 'azure-refused', /gave none.*\(give the function app its/],
  ['answers a number', answersWith(200, '5'), 'azure-refused', /gave none.*\(give the function app its/],
  [
    'answers 500',
    answersWith(500, { statusCode: 500, message: 'An unexpected error' }),
    'azure-unavailable',
    /500: An unexpected error.*\(the next notification tries again/,
  ],
  ['answers 500 without a body', answersWith(500, ''), 'azure-unavailable', /its endpoint gave no answer/],
  [
    'is throttled',
    answersWith(429, { statusCode: 429, message: 'Too many' }),
    'azure-unavailable',
    /429: Too many.*\(the next notification tries again/,
  ],
  ['answers a web page', answersWith(200, '<html>Bad gateway</html>'), 'azure-unavailable', /one that is not JSON/],
  ['hangs', hangs, 'azure-unavailable', /no answer within 4 s.*\(the next notification tries again/],
  ['hangs up', hangsUp, 'azure-unavailable', /its endpoint gave no answer/],
]
