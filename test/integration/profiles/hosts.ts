import assert from 'node:assert/strict';
import { runAgent } from '../../../src/agent/agent.ts';
import type { Compliance, Permit } from '../../../src/api/host-compliance.ts';
import { HostProfile } from '../../../src/api/host-profile.ts';
import { Host } from '../../../src/api/host.ts';
import type { Setting, SettingValue } from '../../../src/api/setting.ts';
import { Namespace } from '../../../src/meta/core.ts';
import { PortError } from '../../../src/ports/errors.ts';
import type { HostPort } from '../../../src/ports/host-port.ts';
import { simulationBench, type SimulationBench } from '../simulation/bench.ts';

/** Hosts with their agents and no operator: what it would write is written by hand. */
export interface Hosts extends SimulationBench {
  setProfile(name: string, settings: object, spec?: object): Promise<void>;
  /** As the operator: which profiles the host is under, and what its agent may do. */
  under(host: string, profiles: Readonly<Record<string, Permit | undefined>>, claim?: object | null): Promise<void>;
  host(name: string): Promise<Host>;
  /** How the host is by the profile, once it is said. */
  by(host: string, profile: string, so?: (one: Compliance) => boolean, limitMs?: number): Promise<Compliance>;
  value(host: string, family: Setting['family'], key: string): Promise<SettingValue>;
  /** Changes a setting behind the agent's back. */
  meddle(host: string, setting: Setting): Promise<void>;
  /** Writes of the host's agent to its Host's status so far. */
  said(host: string): number;
  /** Every write to settings, notes and boots that an agent asked for: `write sysctl x`, `keep`, `reboot`. */
  readonly steps: string[];
  /** Called at each such step, before it is done and after. */
  onStep: (step: string, at: 'before' | 'after') => void;
  /** Writes that fail, by the name of the setting. */
  fails: (setting: Setting) => boolean;
}

const by = { fieldManager: 'person' };

export async function hosts(count: number): Promise<Hosts> {
  const seen: Pick<Hosts, 'steps' | 'onStep' | 'fails'> = { steps: [], onStep: () => undefined, fails: () => false };
  const bench = await simulationBench(({ name, port, controlPlane, runtime }) =>
    runAgent({ nodeName: name, host: noted(port, () => at), controlPlane, runtime }),
  );
  const { person, during } = bench;
  const at: Hosts = Object.assign(seen, bench, {
    setProfile: async (name: string, settings: object, spec: object = {}) => {
      const object = { metadata: { name }, spec: { hostSelector: {}, enforcement: 'Remediate', ...spec, settings } };
      await during(person.apply(HostProfile, { name }, object, by));
    },
    under: async (name: string, profiles: Readonly<Record<string, Permit | undefined>>, claim: object | null = null) => {
      const list = Object.entries(profiles).map(([profile, permit]) => ({ name: profile, ...(permit === undefined ? {} : { permit }) }));
      await during(person.patch(Host, { name }, { status: { profiles: list, claim } }, { subresource: 'status' }));
    },
    host: async (name: string) => (await during(person.get(Host, { name }))) ?? assert.fail(`there is no host ${name}`),
    by: async (host: string, profile: string, so: (one: Compliance) => boolean = () => true, limitMs = 120_000) => {
      let found: Compliance | undefined;
      await bench.until(async () => {
        found = (await at.host(host)).status.compliance?.find((one) => one.profile === profile);
        return found !== undefined && so(found);
      }, limitMs);
      return found ?? assert.fail('nothing is said');
    },
    value: async (host: string, family: Setting['family'], key: string) => {
      const [reading] = await during(bench.world().hostPort(host).settings.read([{ family, key }]));
      return reading !== undefined && 'value' in reading ? reading.value : assert.fail(`${family} ${key} is refused`);
    },
    meddle: async (host: string, setting: Setting) => {
      await during(bench.world().hostPort(host).settings.write(setting));
    },
    said: (host: string) => bench.writes.filter((line) => line.includes(`/hosts/${host}/status hypersphere-agent-compliance`)).length,
  });
  await during(person.apply(Namespace, { name: 'hypersphere-system' }, {}, by));
  await bench.makePool('rack', count);
  for (let index = 1; index <= count; index++)
    await bench.until(async () => (await during(person.get(Host, { name: `rack-${String(index)}` })))?.status.inventory !== undefined);
  return at;
}

function noted(port: HostPort, at: () => Hosts): HostPort {
  const { guests, datastores, moves, protection, switching, settings } = port;
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    at().steps.push(name);
    at().onStep(name, 'before');
    const result = await work();
    at().onStep(name, 'after');
    return result;
  };
  return {
    guests,
    datastores,
    moves,
    protection,
    switching,
    surroundings: port.surroundings,
    inventory: () => port.inventory(),
    settings: {
      read: (refs) => settings.read(refs),
      changed: () => settings.changed(),
      refusal: (setting) => settings.refusal(setting),
      write: (setting) =>
        step(`write ${setting.family} ${setting.key}`, () =>
          at().fails(setting) ? Promise.reject(new PortError('Failed', 'Device or resource busy')) : settings.write(setting),
        ),
      reboot: () => step('reboot', () => settings.reboot()),
      keep: (name, text) => step('keep', () => settings.keep(name, text)),
      kept: (name) => settings.kept(name),
      changes: (signal) => settings.changes(signal),
    },
  };
}
