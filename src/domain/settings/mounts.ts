import { sideOf } from '../../api/setting.ts';
import { ifAny, usual, type Family } from './family.ts';

export const mounts: Family = {
  ...usual,
  name: 'mounts',
  wishes: (settings) => (settings.mounts ?? []).map(({ path, source, type }) => ({ key: path, value: { source, type } })),
  // What is mounted already may have guests' disks on it.
  impact: ({ found }) => (found === null ? 'None' : 'Maintenance'),
  extract: (settings) =>
    ifAny(
      'mounts',
      settings
        .filter(({ value }) => value !== null)
        .map(({ key, value }) => ({ path: key, source: sideOf(value, 'source'), type: sideOf(value, 'type') })),
    ),
};
