/** What server-side apply reads of a structural OpenAPI v3 schema. Anything else in it is allowed, and means nothing here. */
export interface OpenApiSchema {
  readonly type?: string | readonly string[] | undefined;
  readonly format?: string | undefined;
  readonly properties?: Readonly<Record<string, OpenApiSchema>> | undefined;
  readonly additionalProperties?: boolean | OpenApiSchema | undefined;
  /** A schema for each place of a list is not structural: such a list is taken as one without a schema. */
  readonly items?: OpenApiSchema | readonly OpenApiSchema[] | undefined;
  readonly default?: unknown;
  readonly 'x-kubernetes-list-type'?: string | undefined;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined;
  readonly 'x-kubernetes-map-type'?: string | undefined;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined;
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined;
}
