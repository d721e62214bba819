/** What an agent does, step by step, and what befalls it there. */
import type { ControlPlane } from '../../../src/meta/control-plane.ts';

/** One call of an agent: of its host's port (`guests.start`), of an arbiter (`arbiter.handOver`), or of the API (`PATCH /apis/…`). */
export interface AgentStep {
  readonly host: string;
  readonly name: string;
  readonly when: 'before' | 'after';
}

/** Called before and after each step. What it throws, the agent gets; while it does not settle, the agent waits. */
export type Meet = (step: AgentStep) => Promise<void>;

/** `port` with `meet` around each call that returns a promise. For any object whose methods return promises, iterables, or objects of the same make. */
export function stepping<T extends object>(port: T, host: string, meet: Meet, path = ''): T {
  return new Proxy(port, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      const name = `${path}${String(key)}`;
      if (typeof member === 'object' && member !== null) return stepping(member, host, meet, `${name}.`);
      if (typeof member !== 'function') return member;
      return (...values: unknown[]): unknown => met(() => Reflect.apply(member, target, values), { host, name }, meet);
    },
  });
}

const made = new Set(['datastores.arbiter']);
const streams = new Set(['guests.events', 'moves.send']);

function met(call: () => unknown, { host, name }: Omit<AgentStep, 'when'>, meet: Meet): unknown {
  if (streams.has(name)) return call();
  if (made.has(name)) {
    const object = call();
    return typeof object === 'object' && object !== null ? stepping(object, host, meet, 'arbiter.') : object;
  }
  return around(async () => call(), { host, name }, meet);
}

export function steppingPlane(controlPlane: ControlPlane, host: string, meet: Meet): ControlPlane {
  return (request, signal) => {
    const [path = ''] = request.path.split('?');
    if (request.query.some(([name]) => name === 'watch')) return controlPlane(request, signal);
    return around(() => controlPlane(request, signal), { host, name: `${request.method} ${path}` }, meet);
  };
}

async function around<T>(call: () => Promise<T>, step: Omit<AgentStep, 'when'>, meet: Meet): Promise<T> {
  await meet({ ...step, when: 'before' });
  const result = await call();
  await meet({ ...step, when: 'after' });
  return result;
}
