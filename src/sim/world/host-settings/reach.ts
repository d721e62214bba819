/** Whether a host still reaches the API server with the settings that it has. */
import { sideOf, textOf, type SettingValue } from '../../../api/setting.ts';
import { hardwareOf, type WorldCore } from '../machine.ts';
import { usualManagement } from '../network/nics.ts';
import { allOf, valueOf } from './held.ts';

/** Where the API server is, as its hosts see it. */
const server = { protocol: 'TCP', port: 6443, address: '198.51.100.1' };

/** The largest packet that the management network carries. */
const pathMtu = 9000;

/** Those that know the API server's name. */
const nameservers: ReadonlySet<string> = new Set(['192.0.2.53', '192.0.2.54']);

/** What cuts the host off; undefined when nothing does. */
export function cutBy(core: WorldCore, host: string): string | undefined {
  // As it came it reaches it: most hosts are so, and are asked often.
  if ((core.state.settings.get(host)?.size ?? 0) === 0) return undefined;
  const text = (family: 'network' | 'dns', key: string): string => textOf(valueOf(core, host, { family, key }));
  if (text('network', 'uplink uplink1') !== (hardwareOf(core, host).managementNic ?? usualManagement)) return 'the uplink has no way to it';
  if (Number(text('network', 'mtu')) > pathMtu) return 'packets are too large for the network between';
  if (
    !text('dns', 'nameservers')
      .split(' ')
      .some((one) => nameservers.has(one))
  )
    return 'its name is not known';
  if (isDropped(core, host)) return 'the firewall drops what comes from it';
  return undefined;
}

/** What a rule allows passes whatever others deny; what none denies passes too. */
function isDropped(core: WorldCore, host: string): boolean {
  const rules = [...allOf(core, host, 'firewall').values()].filter(isForServer);
  return rules.some((rule) => sideOf(rule, 'action') === 'deny') && !rules.some((rule) => sideOf(rule, 'action') === 'allow');
}

function isForServer(rule: SettingValue): boolean {
  const [protocol, ports, from] = [sideOf(rule, 'protocol'), sideOf(rule, 'ports'), sideOf(rule, 'from')];
  if (protocol !== '' && protocol !== server.protocol) return false;
  if (ports !== '' && !ports.split(' ').includes(String(server.port))) return false;
  return from === '' || from.split(' ').some((net) => covers(net, server.address));
}

function covers(net: string, address: string): boolean {
  const [base = '', bits = '32'] = net.split('/');
  if (base.includes(':')) return false;
  const kept = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(base) / kept) === Math.floor(numberOf(address) / kept);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
