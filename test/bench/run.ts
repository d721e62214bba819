/** `npm run bench -- NAME [options]`: prints one JSON line; progress goes to standard error. */
import { applyToRunning } from './apply-to-running.ts';
import { clientBench } from './client.ts';
import { failover } from './failover.ts';
import { ft } from './ft.ts';
import { evacuate } from './evacuate.ts';
import { rollout } from './rollout.ts';
import { switchBenchmark } from './switch.ts';

const benches: Readonly<Record<string, { readonly help: string; run(args: readonly string[]): Promise<object> }>> = {
  'apply-to-running': {
    help: '[--hosts 200] [--vms 2000] [--control-plane embedded|real] [--rounds 3]: from the first create to all VMs Ready',
    run: applyToRunning,
  },
  evacuate: {
    help: '[--hosts 200] [--vms 2000] [--drain 10]: until hosts are empty by live migration, on a virtual clock, beside what their links need',
    run: evacuate,
  },
  rollout: {
    help: '[--hosts 200] [--vms 2000] [--away 10] [--age 600]: until a change for which hosts must be empty has gone over all of them, on a virtual clock, beside what their links need',
    run: rollout,
  },
  switch: {
    help: '[--frames 200000] [--rounds 3] [--guests 20] [--hosts 200] [--ports 2000]: frames a second through the data plane of simulated hosts; a change of policy over a fleet',
    run: switchBenchmark,
  },
  failover: {
    help: '[--hosts 200] [--vms 2000] [--kill 1] [--runs 100] [--also leader|bmc] [--picture FILE]: from the loss of power of hosts until their VMs run elsewhere, on a virtual clock',
    run: failover,
  },
  ft: {
    help: '[--runs 20] [--seconds 20] | --pairs 80 [--hosts 50] [--kill 5]: what a shadow costs its VM, and how long nothing is heard when its host dies; or what becomes of many when hosts die at once, on a virtual clock',
    run: ft,
  },
  client: {
    help: '[--rounds 7] [--milliseconds 1500]: PATCHes a second of our client, beside undici alone and the stock client',
    run: clientBench,
  },
};

const [name, ...args] = process.argv.slice(2);
const bench = name === undefined ? undefined : benches[name];
if (bench === undefined) {
  const known = Object.entries(benches).map(([each, { help }]) => `  npm run bench -- ${each} ${help}`);
  process.stderr.write(`${name === undefined ? 'Say which bench' : `There is no bench ${name}`}:\n${known.join('\n')}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`${JSON.stringify(await bench.run(args))}\n`);
  process.exit(0);
}
