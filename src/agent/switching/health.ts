/** Looks behind the uplinks of the host's switches now and then, each in its own time. */
import type { HostSwitch } from '../../api/effective-port.ts';
import { equal } from '../../base/equal.ts';
import { isPortError } from '../../ports/errors.ts';
import type { SwitchFinding } from '../../ports/switching.ts';
import type { AgentMeans } from '../means.ts';

export interface Health {
  /** Looks where it is time. @returns when the next look is due, milliseconds; undefined: there is none. */
  look(switches: readonly HostSwitch[]): Promise<number | undefined>;
  /** What the last look at each found, in a stable order. */
  readonly findings: ReadonlyMap<string, readonly SwitchFinding[]>;
}

export function health({ host, runtime: { clock, random, log } }: Pick<AgentMeans, 'host' | 'runtime'>): Health {
  const findings = new Map<string, readonly SwitchFinding[]>();
  /** Monotonic, with the interval that it was reckoned with. */
  const due = new Map<string, { readonly at: number; readonly everyMs: number }>();
  const lookAt = async (name: string): Promise<void> => {
    try {
      findings.set(name, [...(await host.switching.check(name))].sort(byWords));
    } catch (error) {
      if (!isPortError(error)) throw error;
      log.warn('switch not looked at', { name, error: error.message });
    }
  };
  return {
    findings,
    look: async (switches) => {
      const looked = switches.flatMap(({ name, healthCheckMs }) => (healthCheckMs === undefined ? [] : [{ name, everyMs: healthCheckMs }]));
      for (const name of [...due.keys()].filter((one) => looked.every((other) => other.name !== one))) {
        due.delete(name);
        findings.delete(name);
      }
      for (const { name, everyMs } of looked) {
        const known = due.get(name);
        // Hosts that were given a switch together need not look together.
        if (known?.everyMs !== everyMs) due.set(name, { at: clock.monotonic() + everyMs * random.next(), everyMs });
        else if (known.at <= clock.monotonic()) {
          await lookAt(name);
          due.set(name, { at: clock.monotonic() + everyMs, everyMs });
        }
      }
      const times = [...due.values()].map(({ at }) => at - clock.monotonic());
      return times.length === 0 ? undefined : Math.max(0, Math.min(...times));
    },
  };
}

function byWords(one: SwitchFinding, other: SwitchFinding): number {
  const words = ({ uplink, reason, message }: SwitchFinding): string => `${uplink} ${reason} ${message}`;
  if (equal(one, other)) return 0;
  return words(one) < words(other) ? -1 : 1;
}
