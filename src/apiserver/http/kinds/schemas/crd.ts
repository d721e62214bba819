import { kindSchema } from '../metadata.ts';
import { boolean, defaulted, integer, keyed, listOf, long, object, opaque, text, time } from '../words.ts';

const column = object(
  'A column of kubectl get.',
  {
    name: text('Its head.'),
    type: text('integer, number, string, boolean or date.'),
    format: text('What the value is, more closely.'),
    description: text('What it shows.'),
    priority: integer('0 is always shown, more only with -o wide.'),
    jsonPath: text('Where in the object the value is.'),
  },
  'name',
  'type',
  'jsonPath',
);

const scale = object('Makes the kind scalable.', {
  specReplicasPath: text('Where the wanted number is.'),
  statusReplicasPath: text('Where the number that there is is.'),
  labelSelectorPath: text('Where the selector is.'),
});

const version = object(
  'One version of the kind.',
  {
    name: text('Such as v1alpha1.'),
    served: boolean('Whether it is served.'),
    storage: boolean('Whether objects are kept in it: exactly one is.'),
    deprecated: boolean('Whether its users are warned.'),
    deprecationWarning: text('What they are told.'),
    schema: object('What its objects look like.', { openAPIV3Schema: opaque('A structural schema.') }),
    subresources: object('Subresources.', { status: opaque('Present: there is /status.'), scale }),
    additionalPrinterColumns: listOf(column, 'Columns of kubectl get.'),
    selectableFields: listOf(object('A field to select by.', { jsonPath: text('Where it is.') }, 'jsonPath'), 'Fields to select by.'),
  },
  'name',
  'served',
  'storage',
);

const names = object(
  'How the kind is called.',
  {
    plural: text('In paths, such as hosts.'),
    singular: text('On the command line, such as host.'),
    shortNames: listOf(text(), 'Short names.'),
    kind: text('In objects, such as Host.'),
    listKind: text('The kind of its lists.'),
    categories: listOf(text(), 'Groups of kinds that it belongs to.'),
  },
  'plural',
  'kind',
);

const condition = object(
  'One thing that is so of the definition, or not.',
  {
    type: text('Established, NamesAccepted, NonStructuralSchema or Terminating.'),
    status: text('True, False or Unknown.'),
    lastTransitionTime: time('When the status last changed.'),
    reason: text('A word for why.'),
    message: text('The why for people.'),
    observedGeneration: long('The generation that it speaks of.'),
  },
  'type',
  'status',
);

const conversion = object(
  'How one version is made from another.',
  { strategy: text('None. Webhook is refused.'), webhook: opaque('Not served.') },
  'strategy',
);

export const crdSchema = kindSchema(
  'A kind of object that the server is taught.',
  {
    spec: object(
      'What the kind is.',
      {
        group: text('Its API group.'),
        names,
        scope: text('Cluster or Namespaced.'),
        versions: listOf(version, 'Its versions.'),
        conversion: defaulted(conversion, { strategy: 'None' }),
        preserveUnknownFields: boolean('Must be false.'),
      },
      'group',
      'names',
      'scope',
      'versions',
    ),
    status: object('What is of the definition.', {
      conditions: keyed(condition, ['type'], 'What is so of it.'),
      acceptedNames: object('The names that it got.', names.properties ?? {}),
      storedVersions: listOf(text(), 'Versions that objects were ever kept in.'),
      observedGeneration: long('The generation that this status speaks of.'),
    }),
  },
  'spec',
);
