/** Kinds that the suite makes for itself: `widgets` with every subresource and every sort of list, `gadgets` with none of them. */

const parts = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string' }, size: { type: 'integer' }, note: { type: 'string' } },
  },
};

const ports = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['port', 'protocol'],
  items: {
    type: 'object',
    required: ['port'],
    properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' }, name: { type: 'string' } },
  },
};

const spec = {
  type: 'object',
  properties: {
    colour: { type: 'string', enum: ['red', 'green', 'blue'] },
    replicas: { type: 'integer', minimum: 0, default: 1 },
    size: { 'x-kubernetes-int-or-string': true },
    parts,
    ports,
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    steps: { type: 'array', items: { type: 'string' } },
    limits: { type: 'object', additionalProperties: { type: 'string' } },
    place: {
      type: 'object',
      'x-kubernetes-map-type': 'atomic',
      properties: { zone: { type: 'string' }, rack: { type: 'string' } },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    note: { type: 'string', nullable: true },
    fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'stays as it is' }] },
  },
};

const conditions = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    required: ['type', 'status'],
    properties: { type: { type: 'string' }, status: { type: 'string' }, reason: { type: 'string' } },
  },
};

const status = {
  type: 'object',
  properties: { phase: { type: 'string' }, replicas: { type: 'integer' }, selector: { type: 'string' }, conditions },
};

const subresources = {
  status: {},
  scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
};

const columns = [
  { name: 'Colour', type: 'string', jsonPath: '.spec.colour', description: 'What it looks like.' },
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

export const suiteGroup = 'suite.example.com';

function definition(kind: string, version: object): object {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${suiteGroup}` },
    spec: {
      group: suiteGroup,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name: 'v1', served: true, storage: true, ...version }],
    },
  };
}

export const suiteDefinitions: readonly object[] = [
  definition('Widget', {
    schema: { openAPIV3Schema: { type: 'object', description: 'A thing of parts.', properties: { spec, status } } },
    subresources,
    additionalPrinterColumns: columns,
    selectableFields: [{ jsonPath: '.spec.colour' }],
  }),
  definition('Gadget', { schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } } }),
];
