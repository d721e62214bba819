/** What the host says of its switches: pure. */
import type { HostSwitchStatus } from '../../api/host.ts';
import { configurationOf } from '../../domain/effective-port.ts';
import type { SwitchFinding } from '../../ports/switching.ts';
import type { Reason } from '../trouble.ts';
import type { InForce } from './plane.ts';
import { isWireOf } from './trial.ts';

/** Longest words that an API takes, and most findings. */
const longest = 1024;
const most = 64;

/** @param findings by switch, as of the last look. */
export function toldOf(state: InForce, findings: ReadonlyMap<string, readonly SwitchFinding[]>): HostSwitchStatus[] {
  const { configuration, missing } = state;
  const names = [...configuration.switches, ...(configuration.refused ?? [])].map(({ name }) => name);
  const all = [...new Set([...names, ...missing.map((one) => one.switch)])].sort();
  return all.map((name) => {
    const why = troubleOf(state, name);
    const found = (findings.get(name) ?? []).slice(0, most);
    return {
      name,
      configuration: inForceHash(state, name),
      ready: why === undefined,
      ...(why === undefined ? {} : { reason: why.reason, message: why.message.slice(0, longest) }),
      ...(found.length === 0
        ? {}
        : { findings: found.map(({ uplink, reason, message }) => ({ uplink, reason, message: message.slice(0, longest) })) }),
    };
  });
}

function inForceHash({ configuration: { switches, ports } }: InForce, name: string): string {
  const one = switches.find((other) => other.name === name);
  return one === undefined ? 'none' : configurationOf(one, ports);
}

/** The gravest first. */
function troubleOf({ configuration, troubles, failed, missing }: InForce, name: string): Reason | undefined {
  const { refused = [], trial } = configuration;
  if (refused.some((one) => one.name === name))
    return {
      reason: 'RolledBack',
      message: 'a change of the switch cut the host off from the API: it went back to what it had, and tries again when the switch changes',
    };
  if (failed !== undefined) return { reason: 'Failed', message: failed };
  const [trouble] = troubles.filter((one) => one.switch === name);
  if (trouble !== undefined) return { reason: trouble.reason, message: trouble.message };
  const [lacking] = missing.filter((one) => one.switch === name);
  if (lacking !== undefined) return { reason: lacking.reason, message: lacking.message };
  const isOnTrial = trial !== undefined && !isWireOf(trial.good, configuration.switches, name);
  return isOnTrial ? { reason: 'OnTrial', message: 'the host was not heard from since it was changed' } : undefined;
}
