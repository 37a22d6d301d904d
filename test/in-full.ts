// What takes long because it is thorough: `npm test` runs less of it, `.ci/run` all. Test files import this themselves, no helper for
// them: that is how `.ci/run` finds them.

/** Whether all of it is to be run. */
export const isInFull = process.env.TEST_IN_FULL === '1'

/** Why `npm test` leaves a test out. For `skip`. */
export const onlyInFull = !isInFull && 'takes long: TEST_IN_FULL=1 runs it'
