/** How pairs must be in the end, and what must be said of them: rules 2, 5 and 11. */
import { enabled, protects, type FTPair } from '../../src/api/ft-pair.ts';
import { findCondition } from '../../src/meta/conditions.ts';
import type { GuestFact } from './book.ts';
import type { Scene, Violation } from './judge.ts';
import { mostOnHost } from './judge-pairs.ts';
import type { Plan } from './plan.ts';
import { hostWithRoom } from './rest.ts';

/** What is not yet as it must be in the end. */
export function unsettledPairs(scene: Scene, plan: Plan): Violation[] {
  if (plan.scenario !== 'ft') return [];
  return plan.vms.flatMap((_, vm) => {
    const name = scene.user().nameOf(vm);
    return scene.user().pairs.wanted(vm)?.present === true ? paired(scene, plan, vm, name) : unpaired(scene, name);
  });
}

function unpaired({ book, mirror }: Scene, name: string): Violation[] {
  const left = book.named(name).find(({ state }) => state === 'Shadow' || state === 'Incoming');
  const heir = mirror
    .instances()
    .find(({ metadata, spec }) => spec.virtualMachine === name && [...book.heirs.values()].includes(metadata.uid));
  const found: Violation[] = [];
  if (mirror.pair(name) !== undefined) found.push({ rule: '2', text: `pair ${name} was deleted, and is still there` });
  if (left !== undefined) found.push({ rule: '2', text: `${name} has no pair, and a shadow on ${left.host}` });
  if (heir !== undefined) found.push({ rule: '2', text: `${name} has no pair, and ${heir.metadata.name} is its heir` });
  return found;
}

function paired(scene: Scene, plan: Plan, vm: number, name: string): Violation[] {
  const pair = scene.mirror.pair(name);
  if (pair === undefined) return [{ rule: '2', text: `pair ${name} is wanted, and not there` }];
  const wrong = (rule: string, text: string): Violation[] => [{ rule, text: `pair ${name} ${text}: ${wordOf(pair)}` }];
  if (pair.status.observedGeneration !== pair.metadata.generation) return wrong('11', 'speaks of an older spec');
  const said = findCondition(pair.status.conditions, protects);
  const reason = said?.reason ?? '';
  if (said?.status === 'True') {
    const lack = lackOf(scene, pair);
    return lack === undefined ? [] : wrong('11', `says that it is protected, and ${lack}`);
  }
  const expected = whyNot(scene, plan, vm, name);
  if (expected === undefined) return wrong('2', 'has no shadow, and could');
  const isRefused = findCondition(pair.status.conditions, enabled)?.status === 'False';
  const shouldBe = refusals.has(expected);
  if (reason !== expected || isRefused !== shouldBe) return wrong('11', `has no shadow because of ${expected}, and does not say so`);
  const shadow = scene.book.named(name).find(({ state }) => state === 'Shadow' || state === 'Incoming');
  return shadow === undefined ? [] : wrong('2', `has a shadow on ${shadow.host}`);
}

const refusals: ReadonlySet<string> = new Set(['VirtualMachineNotFound', 'PowerState', 'OneProcessorOnly', 'LocalDisks']);

/** What its shadow lacks to go on for it. */
function lackOf({ book, mirror }: Scene, { metadata, status }: FTPair): string | undefined {
  const guests = book.named(metadata.name);
  const original = guests.find(({ state }) => state === 'Running');
  const shadow = guests.find(({ state }) => state === 'Shadow');
  if (original === undefined || shadow === undefined) return `there is no ${original === undefined ? 'original' : 'shadow'}`;
  if (guests.length > 2) return 'there are more than two guests';
  if (original.host === shadow.host) return 'both are on one host';
  if (status.primary?.nodeName !== original.host || status.shadow?.nodeName !== shadow.host) return 'they are elsewhere';
  if (book.shadowOf(original.spec.id) !== shadow.spec.id) return 'the original is kept in step with another';
  const instance = mirror.instances().find(({ metadata: { uid } }) => uid === original.spec.id);
  const datastore = instance?.spec.arbiter.datastore;
  const lease = `${datastore ?? ''} ${original.spec.vm.uid}`;
  if (datastore !== undefined && book.heirs.get(lease) !== shadow.spec.id) return 'the arbiter does not know its heir';
  return undefined;
}

/** The reason for which there can be none; undefined: there can be one. */
function whyNot(scene: Scene, plan: Plan, vm: number, name: string): string | undefined {
  const { book, mirror, user } = scene;
  const want = user().wanted[vm];
  const shape = plan.vms[vm];
  if (want?.present !== true) return 'VirtualMachineNotFound';
  if (want.power !== 'PoweredOn') return 'PowerState';
  if (user().pairs.wanted(vm)?.mode === 'Lockstep' && shape?.cores !== 1) return 'OneProcessorOnly';
  const running = book.named(name).find(({ state }) => state === 'Running');
  if (shape?.shape === 'local' && mirror.vm(name)?.status.disks !== undefined) return 'LocalDisks';
  if (running === undefined) return 'NotRunning';
  const object = mirror.vm(name);
  if (object === undefined) return 'VirtualMachineNotFound';
  if (isFull(book.guests(), book.shadowOf.bind(book), running.host)) return 'TooManyOnHost';
  return hostWithRoom(scene, object, (host) => host !== running.host && !isFull(book.guests(), book.shadowOf.bind(book), host)) ===
    undefined
    ? 'NoHostFits'
    : undefined;
}

function isFull(guests: readonly GuestFact[], shadowOf: (id: string) => string | undefined, host: string): boolean {
  const here = guests.filter((guest) => guest.host === host && (guest.state === 'Shadow' || shadowOf(guest.spec.id) !== undefined));
  return here.length >= mostOnHost;
}

export function wordOf({ status }: FTPair): string {
  const said = findCondition(status.conditions, protects);
  return said === undefined ? 'nothing said' : `Protected=${said.status} ${said.reason} (${said.message})`;
}
