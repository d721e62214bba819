import { plainStrategy } from '../registry/strategy.ts';
import { since } from '../table/ages.ts';
import { ageColumn, nameColumn } from '../table/columns.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { builtIn } from './builtin.ts';
import { serviceAccountSchema } from './schemas/config.ts';

export const serviceAccounts = builtIn({
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
  shortNames: ['sa'],
  schema: serviceAccountSchema,
  strategy: plainStrategy(dnsSubdomain, { returnsDeleted: true }),
  table: {
    columns: [nameColumn, ageColumn],
    cells: (object, now) => [object.metadata.name, since(object.metadata.creationTimestamp, now)],
  },
});
