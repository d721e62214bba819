import { messageOf } from '../../base/errors.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import type { Protection } from '../../ports/fault-tolerance.ts';
import type { AgentContext } from '../context.ts';

/** Until it is listened again, milliseconds. */
const againMs = 500;

/** Has both sides of pairs looked at as soon as something changes between them. */
export async function followProtectionsForever(agent: AgentContext, enqueue: (ref: ObjectRef) => void): Promise<void> {
  const { host, instances, runtime } = agent;
  const { clock, log, stopping } = runtime;
  const look = ({ id: uid, role }: Protection): void => {
    if (role === 'Primary') agent.protecting.add(uid);
    for (const instance of instances.byIndex('byUid', uid)) enqueue(instance.metadata);
  };
  while (!stopping.aborted) {
    try {
      for await (const change of host.protection.changes(stopping)) look(change);
    } catch (error) {
      log.warn('protections not followed', { error: messageOf(error) });
    }
    await clock.sleep(againMs, stopping).catch(() => undefined);
    // What happened meanwhile was not heard.
    for (const instance of instances.list())
      if (instance.spec.shadow !== undefined || instance.spec.shadowOf !== undefined) enqueue(instance.metadata);
  }
}
