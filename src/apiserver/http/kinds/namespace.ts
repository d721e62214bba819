import type { UnknownObject } from '../../../meta/objects.ts';
import { forbiddenObject } from '../errors.ts';
import { allVerbs } from '../registry/resource.ts';
import type { Description } from '../registry/resource.ts';
import { plainStrategy, withField } from '../registry/strategy.ts';
import type { Door } from '../registry/strategy.ts';
import { since } from '../table/ages.ts';
import { ageColumn, column, nameColumn } from '../table/columns.ts';
import { dnsLabel } from '../validate/names.ts';
import { fieldsAt, listAt, textAt } from '../values.ts';
import type { Fields } from '../values.ts';
import { builtIn } from './builtin.ts';
import { namespaceSchema } from './schemas/namespace.ts';

const type = { group: '', kind: 'Namespace', plural: 'namespaces' };
const nameLabel = 'kubernetes.io/metadata.name';
/** The ones that always exist. */
export const systemNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;
const undeletable: ReadonlySet<string> = new Set(['default', 'kube-public', 'kube-system']);

export const namespaces: Description = {
  ...builtIn({
    kind: type.kind,
    plural: type.plural,
    namespaced: false,
    shortNames: ['ns'],
    schema: namespaceSchema,
    strategy: plainStrategy(dnsLabel, {
      prepareCreate: (object) => {
        const finalizers = listAt(object, 'spec', 'finalizers');
        const spec = {
          ...fieldsAt(object, 'spec'),
          finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'],
        };
        return { ...labelled(object), spec, status: { phase: 'Active' } };
      },
      isolate: (next, before, door) => labelled(isolate(next, before, door)),
      refuseDelete: ({ metadata: { name } }) =>
        undeletable.has(name) ? forbiddenObject(type, name, 'this namespace may not be deleted') : undefined,
      beginDelete: (object) => ({ ...withoutGrace(object), status: { ...fieldsAt(object, 'status'), phase: 'Terminating' } }),
      wordsOfConflict: (field, wanted, found) =>
        `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${found}`,
      isHeld: (object) => listAt(object, 'spec', 'finalizers').length > 0,
    }),
    table: {
      columns: [nameColumn, column('Status', 'string', 'The status of the namespace.'), ageColumn],
      cells: (object, now) => [object.metadata.name, textAt(object, 'status', 'phase'), since(object.metadata.creationTimestamp, now)],
    },
    selectable: { 'status.phase': (object) => textAt(object, 'status', 'phase') },
    subresources: [{ name: 'status' }, { name: 'finalize' }],
    // The finalizer is the server's own.
    zero: { metadata: {}, spec: { finalizers: ['kubernetes'] }, status: {} },
  }),
  verbs: allVerbs.filter((verb) => verb !== 'deletecollection'),
};

/** A namespace is given no time: it goes when it is empty. */
function withoutGrace(object: UnknownObject): UnknownObject {
  const metadata = { ...object.metadata };
  delete metadata.deletionGracePeriodSeconds;
  return { ...object, metadata };
}

/** Each namespace can be selected by its name. */
function labelled(object: UnknownObject): UnknownObject {
  const { name, labels } = object.metadata;
  if (name === '' || labels?.[nameLabel] === name) return object;
  return { ...object, metadata: { ...object.metadata, labels: { ...labels, [nameLabel]: name } } };
}

function isolate(next: UnknownObject, before: UnknownObject, door: Door): UnknownObject {
  if (door === 'status') return withField(next, 'spec', before['spec']);
  const status = withField(next, 'status', before['status']);
  const spec = fieldsAt(next, 'spec');
  if (door === 'finalize') return withFinalizers(status, fieldsAt(before, 'spec'), listAt(spec, 'finalizers'));
  return withFinalizers(status, spec, listAt(before, 'spec', 'finalizers'));
}

/** An empty list is none. */
function withFinalizers(object: UnknownObject, spec: Fields, finalizers: readonly unknown[]): UnknownObject {
  const rest: Record<string, unknown> = { ...spec };
  delete rest['finalizers'];
  return withField(object, 'spec', finalizers.length === 0 ? rest : { ...rest, finalizers });
}
