// `npm test` leaves out what takes long: `TEST_IN_FULL=1 npm test`, as `.ci/run` has it, runs all.

/** Whether all of it is to be run. */
export const isInFull = process.env.TEST_IN_FULL === '1'

/** Why `npm test` leaves a test out. For `skip`. */
export const onlyInFull = !isInFull && 'takes long: TEST_IN_FULL=1 runs it'

/** How many notifications a test sends at once where any large number will do. */
export const flood = isInFull ? 200 : 50
