import { plainStrategy } from '../registry/strategy.ts';
import { since } from '../table/ages.ts';
import { ageColumn, nameColumn } from '../table/columns.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { textAt } from '../values.ts';
import { builtIn } from './builtin.ts';
import { kindSchema } from './metadata.ts';
import { opaque } from './words.ts';

/** There are never any: nothing here would route to one, so none can be made. Clients that list them, such as `kubectl cluster-info`, get an empty list. */
export const services = {
  ...builtIn({
    kind: 'Service',
    plural: 'services',
    namespaced: true,
    shortNames: ['svc'],
    categories: ['all'],
    schema: kindSchema('A network service. This server has none.', { spec: opaque(), status: opaque() }),
    strategy: plainStrategy(dnsSubdomain),
    selectable: {
      'spec.clusterIP': (object) => textAt(object, 'spec', 'clusterIP'),
      'spec.type': (object) => textAt(object, 'spec', 'type'),
    },
    table: {
      columns: [nameColumn, ageColumn],
      cells: (object, now) => [object.metadata.name, since(object.metadata.creationTimestamp, now)],
    },
  }),
  verbs: ['get', 'list', 'watch'] as const,
  closed: 'Services can not be made here: this server routes no traffic',
};
