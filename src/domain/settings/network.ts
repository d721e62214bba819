import { textOf } from '../../api/setting.ts';
import { answered, usual, type Family } from './family.ts';

const uplink = 'uplink ';

export const network: Family = {
  ...usual,
  name: 'network',
  wishes: ({ network: { uplinks = [], mtu } = {} }, answers) => [
    ...uplinks.map((item) => answered(`${uplink}${item.name}`, item, answers)),
    ...(mtu === undefined ? [] : [{ key: 'mtu', value: String(mtu) }]),
  ],
  // Moves go over it: they have ended when the host is empty.
  impact: () => 'Maintenance',
  severs: true,
  extract: (settings) => {
    const there = settings.filter(({ value }) => value !== null);
    const uplinks = there
      .filter(({ key }) => key.startsWith(uplink))
      .map(({ key, value }) => ({ name: key.slice(uplink.length), value: textOf(value) }));
    const mtu = there.find(({ key }) => key === 'mtu');
    if (there.length === 0) return {};
    return { network: { ...(uplinks.length === 0 ? {} : { uplinks }), ...(mtu === undefined ? {} : { mtu: Number(mtu.value) }) } };
  },
};
