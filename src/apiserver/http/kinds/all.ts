import type { Description } from '../registry/resource.ts';
import { configMaps } from './config-map.ts';
import { events, groupEvents } from './event.ts';
import { leases } from './lease.ts';
import { namespaces } from './namespace.ts';
import { nodes } from './node.ts';
import { pods } from './pod.ts';
import { secrets } from './secret.ts';
import { services } from './service.ts';
import { serviceAccounts } from './service-account.ts';

/** Every built-in kind but CustomResourceDefinition, which needs to know the others of its kind. */
export const builtInKinds: readonly Description[] = [
  configMaps,
  events,
  namespaces,
  nodes,
  pods,
  secrets,
  services,
  serviceAccounts,
  leases,
  groupEvents,
];
