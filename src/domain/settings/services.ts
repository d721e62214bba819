import { sideOf } from '../../api/setting.ts';
import { ifAny, usual, type Family } from './family.ts';

/** Guests' frames go through it. */
const carriesGuests: ReadonlySet<string> = new Set(['openvswitch', 'ovs-vswitchd']);

export const services: Family = {
  ...usual,
  name: 'services',
  wishes: (settings) =>
    (settings.services ?? []).map(({ name, enabled, running }) => ({
      key: name,
      value: {
        ...(enabled === undefined ? {} : { enabled: String(enabled) }),
        ...(running === undefined ? {} : { running: String(running) }),
      },
    })),
  impact: ({ key }) => (carriesGuests.has(key) ? 'Maintenance' : 'None'),
  extract: (settings) =>
    ifAny(
      'services',
      settings.map(({ key, value }) => ({
        name: key,
        enabled: sideOf(value, 'enabled') === 'true',
        running: sideOf(value, 'running') === 'true',
      })),
    ),
};
