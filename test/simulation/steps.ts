/** What a call is called: `patch virtualmachines/status` at the API, `guests.start` at a host's port. */
import type { ApiRequest } from '../../src/meta/control-plane.ts';

/** One call of the API, taken apart. */
export interface ApiStep {
  /** Verb and resource, such as `create leases` or `watch nodes`. */
  readonly step: string;
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'other';
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

const verbs: Readonly<Record<string, ApiStep['verb']>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

export function apiStepOf(request: ApiRequest): ApiStep {
  const segments = request.path.split('/').filter((segment) => segment !== '');
  const rest = segments.slice(segments[0] === 'api' ? 2 : 3);
  if (rest.length === 0) return { step: 'get discovery', verb: 'other', resource: 'discovery' };
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'finalize' && rest[2] !== 'status';
  const [plural = '', name, sub] = inNamespace ? rest.slice(2) : rest;
  const resource = sub === undefined ? plural : `${plural}/${sub}`;
  const verb = verbs[request.method] ?? readingVerb(request, name);
  return {
    step: `${verb} ${resource}`,
    verb,
    resource,
    ...(inNamespace ? { namespace: rest[1] ?? '' } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

function readingVerb({ query }: ApiRequest, name: string | undefined): ApiStep['verb'] {
  if (query.some(([key, value]) => key === 'watch' && value !== 'false')) return 'watch';
  return name === undefined ? 'list' : 'get';
}

export function isWrite({ verb }: ApiStep): boolean {
  return verb === 'create' || verb === 'update' || verb === 'patch' || verb === 'delete';
}

const hypersphere = ['virtualmachines', 'virtualmachineinstances', 'hostclusters', 'hosts', 'nodes'];
const watched = (...plurals: readonly string[]): string[] => plurals.flatMap((plural) => [`list ${plural}`, `watch ${plural}`]);

/** The steps at which a seed may plan a fault, by who takes them. What is taken often stands for itself; no step is left out. */
export const apiSteps: Readonly<Record<string, readonly string[]>> = {
  operator: [
    ...watched(...hypersphere, 'leases'),
    'get leases',
    'create leases',
    'update leases',
    'get virtualmachineinstances',
    'create virtualmachineinstances',
    'patch virtualmachineinstances',
    'delete virtualmachineinstances',
    'patch virtualmachines',
    'patch virtualmachines/status',
    'patch hostclusters',
    'patch hostclusters/status',
    'patch hosts/status',
    'create events',
  ],
  agent: [
    ...watched('virtualmachineinstances'),
    'patch leases',
    'create leases',
    'get leases',
    'update leases',
    'list leases',
    'get hostclusters',
    'list hostclusters',
    'get nodes',
    'get hosts',
    'patch hosts',
    'patch hosts/status',
    'get hostusages',
    'patch hostusages',
    'patch hostusages/status',
    'patch virtualmachineinstances',
    'patch virtualmachineinstances/status',
  ],
  gc: [
    ...watched('virtualmachines', 'virtualmachineinstances', 'leases', 'nodes', 'namespaces'),
    'get leases',
    'delete leases',
    'patch nodes/status',
  ],
  user: ['get virtualmachines', 'patch virtualmachines', 'delete virtualmachines', 'get nodes', 'patch nodes'],
  simulation: [
    ...watched('hostpools', 'nodes', 'virtualmachineinstances'),
    'create nodes',
    'patch nodes/status',
    'patch leases',
    'create leases',
    'patch hostpools',
    'patch hostpools/status',
  ],
};

export const portSteps: readonly string[] = [
  'inventory',
  'guests.list',
  'guests.start',
  'guests.stop',
  'guests.suspend',
  'guests.resume',
  'guests.sample',
  'datastores.attach',
  'datastores.ensure',
  'datastores.remove',
  'datastores.held',
  'arbiter.testAndSet',
  'arbiter.holder',
];

/** The steps of moves and of hosts that are emptied, beside those of every life. */
export const moveSteps = {
  operator: [
    ...watched('virtualmachinemigrations'),
    'create virtualmachineinstances',
    'patch virtualmachineinstances',
    'delete virtualmachineinstances',
    'patch virtualmachinemigrations',
    'patch virtualmachinemigrations/status',
    'create virtualmachinemigrations',
    'delete virtualmachinemigrations',
    'patch hosts/status',
    'create pods',
    'patch pods',
  ],
  agent: ['patch virtualmachineinstances', 'patch virtualmachineinstances/status', 'get leases', 'update leases'],
  ports: ['moves.prepare', 'moves.send', 'moves.activate', 'moves.goOn', 'arbiter.handOver', 'arbiter.confirm', 'guests.list'],
} as const;

/** The steps of ports and switches. */
export const switchSteps = {
  operator: [
    ...watched('distributedswitches', 'portgroups', 'switchports', 'namespaces'),
    'create switchports',
    'patch switchports',
    'patch switchports/status',
    'delete switchports',
    'list addressclaims',
    'get addressclaims',
    'create addressclaims',
    'patch addressclaims',
    'delete addressclaims',
    'patch portgroups/status',
    'patch distributedswitches/status',
  ],
  agent: [
    ...watched('distributedswitches', 'portgroups', 'hosts', 'nodes'),
    'get hosts',
    'patch hosts/status',
    'get hostusages',
    'patch hostusages/status',
    'patch virtualmachineinstances/status',
    'get switchports',
    'patch switchports/status',
  ],
  ports: ['switching.apply', 'switching.apply', 'switching.applied', 'switching.counters', 'switching.resume', 'switching.check'],
} as const;

/** The steps of a failover. */
export const failoverSteps = {
  operator: [
    'patch hosts/status',
    'list hosts',
    'create virtualmachineinstances',
    'delete virtualmachineinstances',
    'patch virtualmachineinstances',
  ],
  agent: ['get hosts', 'patch hosts/status', 'get leases', 'update leases'],
} as const;

/** The steps of profiles. */
export const profileSteps = {
  operator: [
    ...watched('hostprofiles', 'hosts', 'nodes'),
    'patch hostprofiles/status',
    'patch hosts/status',
    'patch hosts/status',
    'create virtualmachinemigrations',
  ],
  agent: [...watched('hostprofiles', 'hosts'), 'get hosts', 'get hosts', 'patch hosts/status', 'patch hosts/status'],
  ports: [
    'settings.read',
    'settings.refusal',
    'settings.write',
    'settings.write',
    'settings.write',
    'settings.keep',
    'settings.keep',
    'settings.kept',
    'settings.reboot',
    'guests.list',
    'inventory',
  ],
} as const;

/** The steps of pairs. */
export const ftSteps = {
  operator: [
    ...watched('ftpairs'),
    'patch ftpairs/status',
    'patch ftpairs/status',
    'create virtualmachineinstances',
    'create virtualmachineinstances',
    'patch virtualmachineinstances',
    'patch virtualmachineinstances',
    'delete virtualmachineinstances',
  ],
  agent: ['patch virtualmachineinstances', 'patch virtualmachineinstances/status', 'patch virtualmachineinstances/status'],
  user: ['get ftpairs', 'patch ftpairs', 'delete ftpairs'],
  ports: [
    'protection.protect',
    'protection.list',
    'protection.goAlone',
    'protection.goAlone',
    'protection.goLive',
    'protection.goLive',
    'arbiter.appoint',
    'arbiter.appoint',
    'arbiter.appoint',
    'arbiter.succeed',
    'arbiter.succeed',
    'arbiter.holder',
    'moves.prepare',
    'guests.list',
    'guests.stop',
    'switching.apply',
  ],
} as const;

export const diskSteps: readonly string[] = ['disk.append', 'disk.sync', 'disk.replace', 'disk.open', 'disk.remove'];

/** The name of the VM that a request speaks of, as far as that can be told. */
export function aboutVm({ resource, name }: ApiStep, body: Uint8Array | undefined): string | undefined {
  if (resource.startsWith('virtualmachines')) return name;
  if (!resource.startsWith('virtualmachineinstances')) return undefined;
  if (name !== undefined) return name.replace(/-[^-]*$/, '');
  return /"virtualMachine":"([^"]*)"/.exec(new TextDecoder().decode(body))?.[1];
}
