import type { HostSwitch, SwitchConfiguration } from '../../../api/effective-port.ts';
import type { SwitchTrouble } from '../../../ports/switching.ts';
import { hardwareOf, type WorldCore } from '../machine.ts';
import { largestNicMtu, nicsOf } from './nics.ts';

/** What of a configuration a host cannot do. */
export function troublesOf(core: WorldCore, host: string, { ports, switches }: SwitchConfiguration): SwitchTrouble[] {
  const nics = new Set(nicsOf(hardwareOf(core, host)).map(({ name }) => name));
  const taken = new Map<string, string>();
  const names = new Set(switches.map(({ name }) => name));
  const ofSwitches = switches.flatMap((one) => [...engineTrouble(core, one), ...nicTroubles(one, nics, taken), ...mtuTrouble(one)]);
  const ofPorts = ports.filter((port) => !names.has(port.switch));
  return [
    ...ofSwitches,
    ...ofPorts.map(({ id, switch: name }) => ({
      switch: name,
      port: id,
      reason: 'Failed' as const,
      message: `there is no switch ${name}`,
    })),
  ];
}

export function knowsEngine({ settings }: Pick<WorldCore, 'settings'>, { engine }: HostSwitch): boolean {
  return engine === 'Default' || settings.engines.includes(engine);
}

function engineTrouble(core: WorldCore, one: HostSwitch): SwitchTrouble[] {
  if (knowsEngine(core, one)) return [];
  return [{ switch: one.name, reason: 'EngineUnknown', message: `engine ${one.engine} is not on this host` }];
}

function nicTroubles({ name, uplinks }: HostSwitch, nics: ReadonlySet<string>, taken: Map<string, string>): SwitchTrouble[] {
  return uplinks.flatMap((uplink): SwitchTrouble[] => {
    const { nic } = uplink;
    const other = taken.get(nic);
    if (!nics.has(nic)) return [{ switch: name, reason: 'NicMissing', message: `uplink ${uplink.name}: there is no interface ${nic}` }];
    if (other !== undefined)
      return [{ switch: name, reason: 'NicTaken', message: `uplink ${uplink.name}: interface ${nic} is switch ${other}'s` }];
    taken.set(nic, name);
    return [];
  });
}

function mtuTrouble({ mtu, name }: HostSwitch): SwitchTrouble[] {
  if (mtu <= largestNicMtu) return [];
  return [
    {
      switch: name,
      reason: 'MtuTooLarge',
      message: `an MTU of ${String(mtu)} is more than the ${String(largestNicMtu)} of its interfaces`,
    },
  ];
}
