import type { HostSettings } from '../../api/host-settings.ts';
import { sideOf, type SettingValue } from '../../api/setting.ts';
import { ifAny, joined, split, usual, type Family } from './family.ts';

type FirewallRule = NonNullable<HostSettings['firewall']>[number];
type Traffic = NonNullable<FirewallRule['allow']>;

export const firewall: Family = {
  ...usual,
  name: 'firewall',
  wishes: (settings) => (settings.firewall ?? []).map((rule) => ({ key: rule.name, value: valueOf(rule) })),
  severs: true,
  extract: (settings) =>
    ifAny(
      'firewall',
      settings.filter(({ value }) => value !== null).map(({ key, value }) => ruleOf(key, value)),
    ),
};

function valueOf({ allow, deny }: FirewallRule): SettingValue {
  const { protocol = '', ports = [], from = [] } = allow ?? deny ?? {};
  return { action: allow === undefined ? 'deny' : 'allow', protocol, ports: joined(ports.map(String)), from: joined(from) };
}

function ruleOf(name: string, value: SettingValue): FirewallRule {
  const protocol = sideOf(value, 'protocol');
  const ports = split(sideOf(value, 'ports')).map(Number);
  const from = split(sideOf(value, 'from'));
  const traffic: Traffic = {
    ...(protocol === 'TCP' || protocol === 'UDP' ? { protocol } : {}),
    ...(ports.length === 0 ? {} : { ports }),
    ...(from.length === 0 ? {} : { from }),
  };
  return sideOf(value, 'action') === 'deny' ? { name, deny: traffic } : { name, allow: traffic };
}
