/** What stands in a SwitchPort's status: pure. Besides, agents put there what it had counted when a life of its VM ended. */
import { ready, stalled } from '../../api/common.ts';
import type { PortCounters } from '../../api/effective-port.ts';
import type { SwitchPort } from '../../api/switch-port.ts';
import type { VirtualMachine } from '../../api/virtual-machine.ts';
import { equal } from '../../base/equal.ts';
import { rfc3339 } from '../../base/time.ts';
import { mostOf } from '../../domain/port-counters.ts';
import { setCondition, type ConditionInput } from '../../meta/conditions.ts';
import type { Condition } from '../../meta/objects.ts';

export interface PortView {
  readonly port: SwitchPort;
  readonly vm: VirtualMachine | undefined;
  /** Why it has not got what it is to have. */
  readonly trouble?: { readonly reason: string; readonly message: string };
  /** What it had counted when a life of its VM ended, or a host was lost. */
  readonly counted: PortCounters | undefined;
  readonly now: number;
}

export function statusOf({ port, vm, trouble, counted, now }: PortView): SwitchPort['status'] {
  const generation = port.metadata.generation ?? 0;
  const { nodeName, instance } = carrierOf(port, vm);
  let conditions: Condition[] = port.status.conditions ?? [];
  for (const input of verdicts(trouble, instance === undefined ? undefined : nodeName))
    conditions = setCondition(conditions, input, generation, now);
  const counters = mostOf(port.status.counters, counted);
  const isNews = counters !== undefined && !equal(counters, port.status.counters);
  const countedAt = isNews ? rfc3339(now) : port.status.countedAt;
  return {
    observedGeneration: generation,
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(instance === undefined ? {} : { instance }),
    ...(counters === undefined ? {} : { counters }),
    ...(countedAt === undefined ? {} : { countedAt }),
    conditions,
  };
}

/** Where it is, or was last. */
function carrierOf(
  port: SwitchPort,
  vm: VirtualMachine | undefined,
): { readonly nodeName?: string | undefined; readonly instance?: string | undefined } {
  const { nodeName, instance } = vm?.status ?? {};
  return instance === undefined ? { nodeName: port.status.nodeName } : { nodeName: nodeName ?? port.status.nodeName, instance };
}

function verdicts(trouble: PortView['trouble'], boundTo: string | undefined): ConditionInput[] {
  if (trouble !== undefined)
    return [
      { type: ready, status: 'False', ...trouble },
      { type: stalled, status: 'True', ...trouble },
    ];
  const bound =
    boundTo === undefined ? { reason: 'Unbound', message: 'its VM does not run' } : { reason: 'Bound', message: `on ${boundTo}` };
  return [
    { type: ready, status: 'True', ...bound },
    { type: stalled, status: 'False', reason: 'Progressing', message: 'nobody needs to help' },
  ];
}
