/** Rules 1, 5, 10 and 11 for VMs with shadows: by the world's journal, by who stands still though it need not, and by what the API says. */
import type { VirtualMachineInstance } from '../../src/api/virtual-machine-instance.ts';
import type { Clock } from '../../src/base/clock.ts';
import { messageOf } from '../../src/base/errors.ts';
import type { KubeObject } from '../../src/meta/objects.ts';
import type { Protection } from '../../src/ports/fault-tolerance.ts';
import type { JournalEntry } from '../../src/sim/journal.ts';
import type { SimulatedWorld } from '../../src/sim/world/world.ts';
import type { Scene } from './judge.ts';
import type { Mirrored } from './mirror.ts';

const lookEveryMs = 1_000;
/** An agent that has been up so long, and reached the API so long, knows its instances. */
const informedMs = 30_000;
/** Within so long after that one side is silent, and has all that it needs, it has gone on or ended. */
const patienceMs = 20_000;
/** The usual limits.faultTolerantPerHost. */
export const mostOnHost = 4;

export interface PairJudgeOptions {
  readonly scene: Scene;
  readonly clock: Clock;
  /** Whether shared datastores are there for the host, and answer. */
  readonly hasStorage: (host: string) => boolean;
  /** Nobody ever leads beside another, who would not know what that one decides. */
  readonly isLed: boolean;
  /** Whether requests of the host's agent reach the API, and their answers come back. */
  readonly hasApi: (host: string) => boolean;
}

export class PairJudge {
  readonly #options: PairJudgeOptions;
  /** Since when each host's agent could know all, monotonic. */
  readonly #reaching = new Map<string, number>();
  readonly #informed = new Set<string>();
  /** Since when a guest is silent and could do something about it, by its id. */
  readonly #silent = new Map<string, number>();
  /** Guests that went on alone. */
  alone = 0;

  constructor(options: PairJudgeOptions) {
    this.#options = options;
  }

  /** Judges a line of the journal; the book is as it was before it. */
  entry(entry: JournalEntry): void {
    if (entry.type !== 'GuestAlone') return;
    this.alone++;
    const { book, broken } = this.#options.scene;
    const name = book.guest(entry.host, entry.instance)?.spec.vm.name ?? '';
    const [lease, holder] = [...book.leases].find(([key]) => key.endsWith(` ${entry.vm}`)) ?? [];
    if (lease === undefined) return;
    const heir = book.heirs.get(lease);
    if (holder !== entry.instance)
      broken({
        rule: '1',
        text: `${name} goes on alone on ${entry.host} as ${entry.instance}, but its arbiter names ${holder ?? 'nobody'}`,
      });
    if (heir !== undefined)
      broken({ rule: '1', text: `${name} goes on alone on ${entry.host} as ${entry.instance}, and ${heir} may succeed it still` });
  }

  /** Judges one change in the API; the mirror shows it already. */
  change(kind: Mirrored, before: KubeObject | undefined, after: KubeObject | undefined): void {
    if (kind !== 'instances' || after === undefined) return;
    const instance = after as VirtualMachineInstance;
    if (before === undefined && instance.spec.shadowOf !== undefined) this.#judgePlace(instance);
    const said = (one: KubeObject | undefined): string => (one as VirtualMachineInstance | undefined)?.status.protection?.stage ?? '';
    if (instance.spec.shadow !== undefined && said(after) === 'InStep' && said(before) !== 'InStep') this.#judgeWord(instance);
  }

  /** Rule 5: never where its original is, and not too many on a host. */
  #judgePlace({ metadata, spec }: VirtualMachineInstance): void {
    const { mirror, broken } = this.#options.scene;
    const all = mirror.instances();
    const original = all.find((one) => one.metadata.uid === spec.shadowOf?.instanceUID);
    if (original?.spec.nodeName === spec.nodeName)
      broken({ rule: '5', text: `shadow ${metadata.name} is made on ${spec.nodeName}, where its original is` });
    const here = all.filter((one) => one.spec.nodeName === spec.nodeName && (one.spec.shadow ?? one.spec.shadowOf) !== undefined);
    if (here.length > mostOnHost && this.#options.isLed)
      broken({
        rule: '5',
        text: `shadow ${metadata.name} is the ${String(here.length)}th original or shadow on ${spec.nodeName}, with ${here.map((one) => one.metadata.name).join(', ')}`,
      });
  }

  /** Rule 11: it is said that the shadow could go on only once the arbiter knows it. */
  #judgeWord({ metadata, spec }: VirtualMachineInstance): void {
    const { book, broken } = this.#options.scene;
    if (spec.arbiter.datastore === undefined || book.appointed.has(`${metadata.uid} ${spec.shadow?.instanceUID ?? ''}`)) return;
    broken({ rule: '11', text: `${metadata.name} says that its shadow could go on for it, which no arbiter was told` });
  }

  /** Looks now and then until the play is over. */
  async watch(world: () => SimulatedWorld | undefined): Promise<void> {
    const { clock, scene } = this.#options;
    for (;;) {
      await clock.sleep(lookEveryMs);
      const now = world();
      if (now === undefined) this.#forget();
      else
        await this.#look(now).catch((error: unknown) => {
          scene.broken({ rule: 'defect', text: `pairs could not be judged: ${messageOf(error)}` });
        });
    }
  }

  #forget(): void {
    this.#reaching.clear();
    this.#informed.clear();
    this.#silent.clear();
  }

  async #look(world: SimulatedWorld): Promise<void> {
    const silent = new Set<string>();
    for (const host of this.#options.scene.book.hosts.keys()) {
      if (!this.#isAble(world, host)) continue;
      const all = await world.hostPort(host).protection.list();
      for (const one of all) if (this.#isToAct(host, one)) silent.add(one.id);
      for (const one of all) if (silent.has(one.id)) this.#judgeSilence(host, one);
    }
    for (const id of [...this.#silent.keys()]) if (!silent.has(id)) this.#silent.delete(id);
  }

  /** Its agent knows what it has to do, and can. */
  #isAble(world: SimulatedWorld, host: string): boolean {
    const state = world.hostState(host);
    if (state?.running !== true || !state.agentRunning) {
      this.#reaching.delete(host);
      this.#informed.delete(host);
      return false;
    }
    if (this.#options.hasApi(host) && state.connected) {
      const now = this.#options.clock.monotonic();
      const since = this.#reaching.get(host) ?? now;
      this.#reaching.set(host, since);
      if (now - since >= informedMs) this.#informed.add(host);
    } else this.#reaching.delete(host);
    return this.#informed.has(host) && this.#options.hasStorage(host);
  }

  /** Rule 10: nothing is held, and nobody stands by, once the arbiter could say who goes on. */
  #isToAct(host: string, { id, peer, role, stage }: Protection): boolean {
    const { book, mirror } = this.#options.scene;
    const spec = book.guest(host, id)?.spec;
    const instance = mirror.instances().find(({ metadata }) => metadata.uid === id);
    if (stage !== 'Silent' || spec === undefined || instance?.spec.arbiter.datastore === undefined) return false;
    const lease = `${instance.spec.arbiter.datastore} ${spec.vm.uid}`;
    return role === 'Primary' ? book.leases.get(lease) === id : book.heirs.get(lease) === id && book.leases.get(lease) === peer;
  }

  #judgeSilence(host: string, { id, peer, role }: Protection): void {
    const now = this.#options.clock.monotonic();
    const since = this.#silent.get(id) ?? now;
    this.#silent.set(id, since);
    if (now - since < patienceMs) return;
    this.#silent.delete(id);
    const { book, broken } = this.#options.scene;
    const name = book.guest(host, id)?.spec.vm.name ?? id;
    const what = role === 'Primary' ? 'holds its output' : 'stands by';
    broken({ rule: '10', text: `${name} ${what} on ${host} as ${id} for ${String(now - since)} ms, and hears nothing of ${peer}` });
  }
}
