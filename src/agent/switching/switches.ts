/** The host's switches as the other parts of its agent have them, and the loop that keeps them. */
import type { EffectivePort } from '../../api/effective-port.ts';
import type { VirtualMachineInstance } from '../../api/virtual-machine-instance.ts';
import { portId } from '../../domain/effective-port.ts';
import type { ControllerSpec, Result } from '../../kube/types.ts';
import type { AgentMeans } from '../means.ts';
import { Trouble } from '../trouble.ts';
import { health } from './health.ts';
import { Plane, type InForce } from './plane.ts';
import { reaches } from './reach.ts';
import type { Watching } from './sight.ts';
import { speaker } from './speaker.ts';
import { toldOf } from './told.ts';

export interface Switches {
  /** Settles once the ports of the instance are in force. @throws {Trouble} they are not. */
  ready(instance: VirtualMachineInstance): Promise<void>;
  /** Those in force; undefined: not known yet. */
  ports(): readonly EffectivePort[] | undefined;
  readonly controller: ControllerSpec;
}

export function switches(means: Pick<AgentMeans, 'client' | 'host' | 'nodeName' | 'runtime'>, watching: Watching): Switches {
  const plane = new Plane({ means, watching, reached: () => reaches(means) });
  const looks = health(means);
  const say = speaker(means, watching);
  const handlers: (() => void)[] = [];
  const news = (): void => {
    for (const handler of handlers) handler();
  };
  const reconcile = async (): Promise<Result> => {
    const times = [await plane.settle()];
    const state = plane.inForce;
    if (state !== undefined) times.push(await looks.look(state.configuration.switches), await say(toldOf(state, looks.findings)));
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : { requeueAfter: Math.min(...known) };
  };
  return {
    ready: async (instance) => {
      if ((instance.spec.networks ?? []).length === 0) return;
      const before = plane.inForce;
      const soon = await plane.settle();
      if (soon !== undefined || plane.inForce !== before) news();
      checkPorts(plane.inForce, watching.sight() !== undefined, instance);
    },
    ports: () => plane.inForce?.configuration.ports,
    controller: {
      name: 'switches',
      concurrency: 1,
      reconcile,
      watch: (enqueue) => {
        handlers.push(() => {
          enqueue({ name: means.nodeName });
        });
        watching.onChange(news);
        news();
      },
    },
  };
}

/** @throws {Trouble} in words for people. */
function checkPorts(state: InForce | undefined, isKnown: boolean, { metadata, spec }: VirtualMachineInstance): void {
  if (state === undefined || !isKnown) throw new Trouble('SwitchesUnknown', 'what the ports of its host should do is not known yet');
  for (const network of spec.networks ?? []) {
    const id = portId(metadata.namespace ?? '', network.port);
    const missing = state.missing.find((one) => one.id === id);
    if (missing !== undefined) throw new Trouble(missing.reason, missing.message);
    const isThere = state.configuration.ports.some((port) => port.id === id && port.guest === metadata.uid);
    if (!isThere)
      throw new Trouble(
        'PortNotApplied',
        state.failed ?? `port ${id} is not on its host: DistributedSwitch ${network.switch} is not in force there`,
      );
    const trouble = state.troubles.find(
      (one) => one.port === id || (one.switch === network.switch && one.port === undefined && one.reason === 'EngineUnknown'),
    );
    if (trouble !== undefined) throw new Trouble(trouble.reason, trouble.message);
  }
}
