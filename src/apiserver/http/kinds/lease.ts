import type { UnknownObject } from '../../../meta/objects.ts';
import { invalid } from '../../schema/field-errors.ts';
import type { Cause } from '../../schema/field-errors.ts';
import { plainStrategy } from '../registry/strategy.ts';
import { since } from '../table/ages.ts';
import { ageColumn, column, nameColumn } from '../table/columns.ts';
import { dnsSubdomain } from '../validate/names.ts';
import { numberAt, textAt } from '../values.ts';
import { builtIn } from './builtin.ts';
import { leaseSchema } from './schemas/lease.ts';

export const leases = builtIn({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  schema: leaseSchema,
  zero: { metadata: {}, spec: {} },
  strategy: plainStrategy(dnsSubdomain, { unconditionalUpdate: false, createOnUpdate: true, validate }),
  table: {
    columns: [nameColumn, column('Holder', 'string', 'Who holds it.'), ageColumn],
    cells: (object, now) => [object.metadata.name, textAt(object, 'spec', 'holderIdentity'), since(object.metadata.creationTimestamp, now)],
  },
});

function validate(object: UnknownObject): Cause[] {
  const causes: Cause[] = [];
  const duration = numberAt(object, 'spec', 'leaseDurationSeconds');
  const transitions = numberAt(object, 'spec', 'leaseTransitions');
  if (duration !== undefined && duration <= 0) causes.push(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  if (transitions !== undefined && transitions < 0)
    causes.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  return causes;
}
