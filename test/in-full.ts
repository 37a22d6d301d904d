/** Whether what takes long because it is thorough is run, too: `.ci/run` sets TEST_IN_FULL=1. `npm test` runs less of each kind. */
export const isInFull = process.env.TEST_IN_FULL === '1'

/** Why `npm test` leaves a test out. For `skip`. */
export const onlyInFull = !isInFull && 'takes long: TEST_IN_FULL=1 runs it'
