import { joined, split, usual, type Family } from './family.ts';

export const time: Family = {
  ...usual,
  name: 'time',
  wishes: ({ time: wanted }) => (wanted === undefined ? [] : [{ key: 'servers', value: joined(wanted.servers) }]),
  extract: (settings) => {
    const servers = settings.flatMap(({ value }) => split(value));
    return servers.length === 0 ? {} : { time: { servers } };
  },
};
