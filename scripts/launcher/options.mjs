/** Node's options for everything of ours that it runs: that it strips types is no news to anybody. */
export const nodeOptions = ['--disable-warning=ExperimentalWarning'];

/**
 * Further ones for the programs of src/cmd, which run for months beside others: V8 lets a heap grow to a multiple of what is alive in it, since
 * memory is cheap where it was made. With a small nursery and little growth the three processes of a fleet of 2,000 VMs together take two
 * thirds of what they took, for about a tenth more of CPU (docs/bench.md). The Dockerfile has them too.
 */
export const programOptions = [...nodeOptions, '--max-semi-space-size=4', '--heap-growing-percent=40'];

/**
 * @param {string | undefined} program
 * @returns {readonly string[]}
 */
export function optionsFor(program) {
  return program?.startsWith('src/cmd/') === true ? programOptions : nodeOptions;
}
