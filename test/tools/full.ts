/** How the runner tells the test processes about `--full`. */
export const fullVariable = 'HYPERSPHERE_FULL';

/** Whether this run plays the long versions: `const kills = full ? 50 : 10`. */
export const full = process.env[fullVariable] === '1';
