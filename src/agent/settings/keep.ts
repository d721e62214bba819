/** Keeps the settings of one host: looks, says, changes what it has leave to, and comes back from what cuts it off. */
import { messageOf, Stopped } from '../../base/errors.ts';
import type { Caches } from '../../kube/caches.ts';
import { runController } from '../../kube/controller.ts';
import type { ControllerSpec, Result } from '../../kube/types.ts';
import { beginChange, mayChange } from './begin.ts';
import { finishChange } from './change.ts';
import { Extractor } from './extract.ts';
import { lookAt } from './look.ts';
import type { SettingsMeans } from './means.ts';
import { Speaker } from './say.ts';
import { watching } from './sight.ts';

/** Milliseconds between two looks, about: drift that nobody tells of is seen within a minute. */
const everyMs = 30_000;
/** What is stuck, or waits for the host to be empty, is tried again after, milliseconds. */
const againMs = 5_000;
/** One profile changes the same host at most this often, milliseconds: what changes it back at once would have it do nothing else. */
const pauseMs = 20_000;

export async function keepSettingsForever(means: SettingsMeans, caches: Caches): Promise<void> {
  const { runtime } = means;
  const sights = watching(caches, means.nodeName);
  const speaker = new Speaker(means);
  const extractor = new Extractor(means);
  const changedAt = new Map<string, number>();

  const mayAgain = (profile: string): boolean => (changedAt.get(profile) ?? -Infinity) + pauseMs <= runtime.clock.monotonic();

  const reconcile = async (): Promise<Result> => {
    const stuck = await finishChange(means);
    const sight = sights.sight();
    if (sight === undefined) return stuck === undefined ? undefined : { requeueAfter: againMs };
    const looked = await lookAt(means, sight, stuck);
    await speaker.say(
      sight.host,
      looked.map(({ says }) => says),
    );
    await extractor.settle(sight.host);
    if (stuck !== undefined) return { requeueAfter: againMs };
    const due = looked.find(mayChange);
    if (due !== undefined && mayAgain(due.wanted.profile)) {
      if (!(await beginChange(means, speaker, sight.host, due))) return { requeueAfter: againMs };
      changedAt.set(due.wanted.profile, runtime.clock.monotonic());
      return { requeueAfter: 1 };
    }
    if (looked.length === 0) return undefined;
    return { requeueAfter: due === undefined ? everyMs * (0.75 + runtime.random.next() / 2) : againMs };
  };

  const controller: ControllerSpec = {
    name: 'settings',
    concurrency: 1,
    reconcile,
    watch: (enqueue) => {
      const look = (): void => {
        enqueue({ name: means.nodeName });
      };
      // Before anything is known of the API: a change may be open that has cut the host off.
      look();
      sights.onChange(look);
      caches.synced(runtime.stopping).then(look, () => undefined);
      void followForever(means, look);
    },
  };
  await runController(controller, runtime);
}

/** What the host itself says of changes, as hints. */
async function followForever({ host, runtime }: SettingsMeans, look: () => void): Promise<void> {
  const { clock, log, stopping } = runtime;
  while (!stopping.aborted) {
    try {
      const told = host.settings.changes(stopping)[Symbol.asyncIterator]();
      while ((await told.next()).done !== true) look();
      await clock.sleep(everyMs, stopping);
    } catch (error) {
      if (error instanceof Stopped) return;
      log.warn('changes of settings not followed', { error: messageOf(error) });
      await clock.sleep(everyMs, stopping).catch(() => undefined);
    }
  }
}
