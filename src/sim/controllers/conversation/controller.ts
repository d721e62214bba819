/** Clients outside that talk with VMs, as people ask for them. */
import { complete, simulationManager } from '../../../api/common.ts';
import { Conversation } from '../../../api/conversation.ts';
import { equal } from '../../../base/equal.ts';
import type { Runtime } from '../../../base/runtime.ts';
import { parseDuration } from '../../../base/time.ts';
import { follow } from '../../../kube/cache.ts';
import type { Cache, Client, ControllerSpec, Result } from '../../../kube/types.ts';
import { unlessGone } from '../../../kube/unless-gone.ts';
import { isTrue } from '../../../meta/conditions.ts';
import { keyOf, refOf, type ObjectRef } from '../../../meta/objects.ts';
import type { SimulatedWorld } from '../../world/world.ts';
import { statusOf } from './status.ts';
import { Talk, type TalkContext } from './talk.ts';

export interface ConversationDependencies {
  readonly client: Client;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly world: SimulatedWorld;
  readonly conversations: Cache<Conversation>;
}

interface Running {
  readonly uid: string;
  readonly talk: Talk;
  /** Wall clock, milliseconds. */
  readonly startedAt: number;
}

/** How often is said how it goes, milliseconds. */
const sayEveryMs = 1_000;

/** One that this process did not begin is begun anew: who listened has gone, and so has what was said. */
export function conversationController({ client, conversations, runtime, world }: ConversationDependencies): ControllerSpec {
  const { clock, random } = runtime;
  let made = 0;
  const context: TalkContext = { world, random, ledgers: new WeakSet(), next: () => ++made, now: () => clock.monotonic() };
  const running = new Map<string, Running>();

  const stop = (key: string): void => {
    running.get(key)?.talk.end();
    running.delete(key);
  };
  const start = ({ metadata, spec }: Conversation): Running => {
    const vm = { namespace: metadata.namespace ?? '', name: spec.virtualMachine };
    return { uid: metadata.uid, talk: new Talk(context, vm, spec.network), startedAt: clock.now() };
  };
  const reconcile = async (ref: ObjectRef): Promise<Result> => {
    const key = keyOf(ref);
    const conversation = conversations.get(ref);
    if (running.get(key)?.uid !== conversation?.metadata.uid) stop(key);
    if (conversation === undefined || isTrue(conversation.status.conditions, complete)) {
      stop(key);
      return undefined;
    }
    const one = running.get(key) ?? start(conversation);
    running.set(key, one);
    const now = clock.now();
    const isOver = now >= one.startedAt + parseDuration(conversation.spec.duration);
    const status = statusOf(conversation, one.talk.tend(), { startedAt: one.startedAt, now, isOver });
    await say(client, conversation, status);
    return isOver ? undefined : { requeueAfter: sayEveryMs };
  };

  return {
    name: 'conversation',
    concurrency: 4,
    reconcile,
    watch: (enqueue) => {
      follow(conversations, (before, after) => {
        // What was written here is no news.
        const known = after ?? before;
        if (known !== undefined && (before === undefined || after === undefined)) enqueue(refOf(keyOf(known.metadata)));
      });
    },
  };
}

async function say(client: Client, { metadata, status: before }: Conversation, status: Conversation['status']): Promise<void> {
  if (equal(before, status)) return;
  const { name, namespace = '', uid } = metadata;
  const patch = { metadata: { uid }, status: 'nodeName' in status ? status : { ...status, nodeName: null } };
  await unlessGone(client.patch(Conversation, { namespace, name }, patch, { subresource: 'status', fieldManager: simulationManager }));
}
