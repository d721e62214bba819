/** How fast the data plane of simulated hosts is: frames between guests, each through both pipelines and all that is between. */
import type { EffectivePort, FirewallRule, HostSwitch } from '../../src/api/effective-port.ts';
import { numberFlag, readFlags } from '../../src/cmd/flags.ts';
import { switchBench, type Talker } from '../../src/sim/world/network/test-support.ts';
import { ipFrame, type Frame } from '../../src/sim/world/network/frame.ts';
import { median } from './figures.ts';
import { policyOverFleet } from './switch-fleet.ts';

const flags = {
  frames: { type: 'string', value: 'N', help: 'frames a round (200000)' },
  rounds: { type: 'string', value: 'N', help: 'rounds, the middle of which counts (3)' },
  guests: { type: 'string', value: 'N', help: 'guests on each of two hosts (20)' },
  hosts: { type: 'string', value: 'N', help: 'hosts of the fleet whose policy changes; 0: none (200)' },
  ports: { type: 'string', value: 'N', help: 'ports of that fleet (2000)' },
} as const;

interface Case {
  readonly far: boolean;
  readonly change?: Partial<HostSwitch>;
  readonly port?: Partial<EffectivePort>;
}

const rule = { name: 'web', action: 'Allow', protocol: 'UDP', ports: [], peers: ['10.0.0.0/8'] } as const;
const firewall: FirewallRule[] = [
  { ...rule, direction: 'Ingress' },
  { ...rule, direction: 'Egress' },
];
const shaper = { average: 1e12, peak: 1e12, burst: 1e9 };

const cases: Readonly<Record<string, Case>> = {
  'one host': { far: false },
  'two hosts': { far: true },
  'two hosts, overlay': { far: true, change: { overlay: 'Geneve' } },
  'two hosts, firewall and shapers': { far: true, port: { firewall, shaping: { ingress: shaper, egress: shaper } } },
};

const atOnce = 1000;

/** @returns frames that were delivered a second of the machine's time, by case; and how a change of policy comes to a fleet. */
export async function switchBenchmark(args: readonly string[]): Promise<object> {
  const values = readFlags(args, flags);
  const frames = numberFlag(values, 'frames', { from: atOnce, to: 100_000_000 }) ?? 200_000;
  const rounds = numberFlag(values, 'rounds', { from: 1, to: 100 }) ?? 3;
  const guests = numberFlag(values, 'guests', { from: 1, to: 200 }) ?? 20;
  const framesPerSecond: Record<string, number> = {};
  for (const [name, one] of Object.entries(cases)) {
    process.stderr.write(`${name}\n`);
    framesPerSecond[name] = Math.round(await measure(one, { frames, rounds, guests }));
  }
  const hosts = numberFlag(values, 'hosts', { from: 0, to: 1000 }) ?? 200;
  const ports = numberFlag(values, 'ports', { from: 1, to: 10_000 }) ?? 2000;
  const policyChange = hosts === 0 ? {} : { policyChange: await policyOverFleet({ hosts, ports }) };
  return { frames, rounds, guests, framesPerSecond, ...policyChange };
}

interface Size {
  readonly frames: number;
  readonly rounds: number;
  readonly guests: number;
}

async function measure({ change, far, port }: Case, { frames, guests, rounds }: Size): Promise<number> {
  const bench = await switchBench({ ...(change === undefined ? {} : { change }) });
  const [here, there]: [Talker[], Talker[]] = [[], []];
  for (let i = 0; i < guests; i++) {
    here.push(await bench.vm('a', `here-${String(i)}`, port));
    there.push(await bench.vm(far ? 'b' : 'a', `there-${String(i)}`, port));
  }
  let heard = 0;
  for (const talker of there) talker.nic().hear(() => heard++);
  const said = here.map((talker, index) => ({ nic: talker.nic(), frame: frameTo(talker, there[index] ?? talker) }));
  const sayAll = (): void => {
    for (let i = 0; i < atOnce; i++) {
      const one = said[i % said.length];
      if (one !== undefined) one.nic.send(one.frame);
    }
  };
  const speeds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    heard = 0;
    const from = performance.now();
    for (let sent = 0; sent < frames; sent += atOnce) {
      sayAll();
      await bench.clock.advance(1);
      for (const talker of there) talker.heard.length = 0;
    }
    const seconds = (performance.now() - from) / 1000;
    if (heard < frames) throw new Error(`only ${String(heard)} of ${String(frames)} frames came`);
    speeds.push(heard / seconds);
  }
  return median(speeds);
}

function frameTo(from: Talker, to: Talker): Frame {
  return ipFrame(from.mac, to.mac, { src: from.address, dst: to.address, protocol: 'UDP', srcPort: 5000, dstPort: 5000, bytes: 100 });
}
