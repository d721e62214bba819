export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export function pluralOf(): string {
  return 'boxes';
}

export function kindOf(): string {
  return 'Box';
}

export function schemaOf(): object {
  return {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { size: { type: 'integer' } } },
      status: { type: 'object', properties: { phase: { type: 'string' } } },
    },
  };
}

interface Draft {
  readonly metadata?: object;
  readonly names?: object;
  readonly schema?: object;
  readonly version?: object;
  readonly spec?: object;
  /** With whatever may be said. */
  readonly full?: boolean;
}

/** A definition in a group that is the scenario's own. */
export function definition({ metadata, names, schema = schemaOf(), version, spec, full = false }: Draft = {}): object {
  const all = { plural: pluralOf(), kind: kindOf(), ...(full ? fullNames : {}), ...names };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${all.plural}.{id}.example`, ...metadata },
    spec: {
      group: '{id}.example',
      scope: 'Namespaced',
      names: all,
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...(full ? fullVersion : {}), ...version },
      ],
      ...spec,
    },
  };
}

const fullNames = { singular: 'box', listKind: 'BoxList', shortNames: ['bx'], categories: ['all'] };

const fullVersion = {
  deprecated: true,
  deprecationWarning: 'use another',
  subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
  additionalPrinterColumns: [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1, format: 'int32', description: 'How large.' },
  ],
  selectableFields: [{ jsonPath: '.spec.size' }],
};
