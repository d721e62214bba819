/** What ports have counted, from one life of their VM to the next: it never goes back. */
import type { EffectivePort, PortCounters, PortId } from '../../api/effective-port.ts';
import { HostUsage, type PortUsage } from '../../api/host-usage.ts';
import { SwitchPort } from '../../api/switch-port.ts';
import { VirtualMachineInstance, type VirtualMachineInstanceSpec } from '../../api/virtual-machine-instance.ts';
import { equal } from '../../base/equal.ts';
import { messageOf, Stopped } from '../../base/errors.ts';
import { rfc3339 } from '../../base/time.ts';
import { portId } from '../../domain/effective-port.ts';
import { countersOf, mostOf } from '../../domain/port-counters.ts';
import type { ObjectRef } from '../../meta/objects.ts';
import { isApiError } from '../../meta/status.ts';
import type { AgentMeans } from '../means.ts';
import { Trouble } from '../trouble.ts';

export interface Counters {
  /** Before its guest starts: its ports go on from what is known of them. */
  resume(instance: VirtualMachineInstance): Promise<void>;
  /** After its guest ended here: says what its ports have counted. @returns the instance as it is then. */
  told(instance: VirtualMachineInstance): Promise<VirtualMachineInstance>;
  /** Of the ports whose guests have come here, and have not gone on elsewhere. */
  measure(): Promise<PortUsage[]>;
}

interface Means extends Pick<AgentMeans, 'client' | 'host' | 'nodeName' | 'runtime'> {
  /** In force here; undefined: not known yet. */
  readonly ports: () => readonly EffectivePort[] | undefined;
}

type Report = Map<PortId, PortCounters>;

export function counters(means: Means): Counters {
  const { host } = means;
  let reported: Report | undefined;
  // What this host, which may have lost its power since, said of its ports.
  const report = async (): Promise<Report> => (reported ??= await lastReport(means));
  return {
    resume: async ({ metadata, spec }) => {
      const nics = spec.networks ?? [];
      const before = nics.length === 0 ? new Map<PortId, PortCounters>() : await insisted(report);
      for (const network of nics) {
        const id = portId(metadata.namespace ?? '', network.port);
        for (const known of [
          network.counters,
          before.get(id),
          await insisted(() => ofPort(means, metadata.namespace ?? '', network.port, spec)),
        ])
          if (known !== undefined) await host.switching.resume(id, known);
      }
    },
    told: (instance) => tell(means, instance, report),
    measure: async () => {
      const ports = means.ports();
      const before = await report();
      if (ports === undefined) return usageOf(before);
      if (ports.length === 0) return [];
      const states = new Map((await host.guests.list()).map(({ spec, state }) => [spec.id, state]));
      const counts = new Map((await host.switching.counters()).map((one) => [one.id, countersOf(one)]));
      const isHere = ({ id, guest }: EffectivePort): boolean => {
        const state = states.get(guest);
        return state === undefined ? before.has(id) : !['Incoming', 'Received', 'Shadow', 'Moved'].includes(state);
      };
      reported = new Map(ports.filter(isHere).map(({ id }) => [id, mostOf(counts.get(id), before.get(id)) ?? none]));
      return usageOf(reported);
    },
  };
}

async function lastReport({ client, nodeName }: Means): Promise<Report> {
  const ports = (await client.get(HostUsage, { name: nodeName }))?.status.ports ?? [];
  return new Map(ports.map((port) => [portId(port.namespace, port.name), countersOf(port)]));
}

/**
 * What its port says: of lives that have ended, whose instances are gone, perhaps before the operator saw their last word; and of one that was taken over while it ran by a
 * host that was never told what was counted before.
 */
async function ofPort(
  { client }: Means,
  namespace: string,
  name: string,
  { incarnation, origin }: VirtualMachineInstanceSpec,
): Promise<PortCounters | undefined> {
  if (origin === undefined && incarnation === 1) return undefined;
  const counters = (await client.get(SwitchPort, { namespace, name }))?.status.counters;
  return counters === undefined ? undefined : countersOf(counters);
}

/** A host that lost its power knows nothing of what it counted: a guest waits until it is known, or its ports would count anew. @throws {Trouble} */
async function insisted<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof Stopped) throw error;
    throw new Trouble('CountersUnknown', `what its ports had counted is not known before the API answers: ${messageOf(error)}`);
  }
}

/** What ended is told all the same, by what its host has counted. */
async function unlessAway({ runtime }: Means, report: () => Promise<Report>): Promise<Report> {
  try {
    return await report();
  } catch (error) {
    if (error instanceof Stopped) throw error;
    runtime.log.warn('earlier counters of ports not known', { error: messageOf(error) });
    return new Map();
  }
}

/** Before its instance may go: the last word of its ports here. */
async function tell(means: Means, instance: VirtualMachineInstance, report: () => Promise<Report>): Promise<VirtualMachineInstance> {
  const { metadata, spec } = instance;
  const ids = (means.ports() ?? []).filter(({ guest }) => guest === metadata.uid).map(({ id }) => id);
  if (ids.length === 0) return instance;
  const counts = new Map((await means.host.switching.counters()).map((one) => [one.id, countersOf(one)]));
  const before = await unlessAway(means, report);
  const counted = (spec.networks ?? []).flatMap(({ name, port }) => {
    const id = portId(metadata.namespace ?? '', port);
    const most = ids.includes(id) ? mostOf(counts.get(id), before.get(id)) : undefined;
    return most === undefined ? [] : [{ name, port, most }];
  });
  for (const { port, most } of counted) await keep(means, { namespace: metadata.namespace ?? '', name: port }, most);
  const networks = counted.map(({ name, most }) => ({ name, ...most }));
  return networks.length === 0 || equal(networks, instance.status.networks) ? instance : said(means, instance, networks);
}

/** How often somebody else may be faster. */
const mostTries = 5;

/** On the port, which outlives the instance: the operator may see no more of this than that it is gone. @throws {ApiError} */
async function keep({ client, runtime }: Means, ref: ObjectRef, counted: PortCounters): Promise<void> {
  for (let tries = 1; ; tries++) {
    const port = await client.get(SwitchPort, ref);
    const before = port?.status.counters;
    const most = mostOf(before === undefined ? undefined : countersOf(before), counted);
    if (port === undefined || equal(most, before)) return;
    const { resourceVersion, uid } = port.metadata;
    const status = { counters: most, countedAt: rfc3339(runtime.clock.now()) };
    try {
      await client.patch(SwitchPort, ref, { metadata: { resourceVersion, uid }, status }, { subresource: 'status' });
      return;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return;
      if (!isApiError(error, 'Conflict') || tries === mostTries) throw error;
    }
  }
}

async function said({ client }: Means, instance: VirtualMachineInstance, networks: readonly object[]): Promise<VirtualMachineInstance> {
  try {
    const patch = { metadata: { uid: instance.metadata.uid }, status: { networks } };
    return await client.patch(VirtualMachineInstance, instance.metadata, patch, { subresource: 'status' });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return instance;
    throw error;
  }
}

function usageOf(report: Report): PortUsage[] {
  return [...report].map(([id, counts]) => ({ ...nameOf(id), ...counts }));
}

/** The SwitchPort. */
function nameOf(id: PortId): { namespace: string; name: string } {
  const slash = id.indexOf('/');
  return { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

const none: PortCounters = { receivedFrames: 0, receivedBytes: 0, sentFrames: 0, sentBytes: 0, droppedFrames: 0 };
