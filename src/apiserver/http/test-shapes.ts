/** A list of which a test looks at the first few items; it fails when they are not there. */
export type Several<T> = readonly [T, T, T, T, ...T[]];

interface SeenCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

interface SeenMeta {
  name: string;
  generateName: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
  deletionTimestamp: string;
  deletionGracePeriodSeconds: number;
  selfLink: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  finalizers: string[];
  managedFields: Several<{ manager: string; operation: string; subresource: string; fieldsV1: object }>;
  continue: string;
  remainingItemCount: number;
}

interface SeenSpec {
  replicas: number;
  colour: string;
  nodeName: string;
  finalizers: string[];
  versions: Several<object>;
  names: object;
  containers: Several<{ image: string; imagePullPolicy: string; resources: { requests: object } }>;
  tolerations: object[];
  hostNetwork: boolean;
  restartPolicy: string;
  dnsPolicy: string;
  schedulerName: string;
  serviceAccountName: string;
  terminationGracePeriodSeconds: number;
  resourceAttributes: object;
}

interface SeenStatus {
  phase: string;
  replicas: number;
  conditions: Several<SeenCondition>;
  capacity: object;
  storedVersions: string[];
  acceptedNames: object;
  allowed: boolean;
  resourceRules: object[];
  userInfo: object;
}

/** Discovery. */
interface SeenResource {
  name: string;
  group: string;
  version: string;
  kind: string;
  verbs: string[];
  resource: string;
  scope: string;
  shortNames: string[];
  responseKind: object;
  subresources: { subresource: string }[];
}

/** An object, a list, a table, a discovery document: whichever the test asked for. What it looks at and is not there makes it fail. */
export interface Seen {
  kind: string;
  apiVersion: string;
  metadata: SeenMeta;
  spec: SeenSpec;
  status: SeenStatus;
  data: Record<string, string>;
  stringData: object;
  type: string;
  note: string;
  message: string;
  regarding: object;
  involvedObject: object;
  reportingComponent: string;
  items: Several<Seen & { versions: Several<{ resources: Several<SeenResource>; freshness: string }> }>;
  columnDefinitions: { name: string; type: string; priority: number }[];
  rows: Several<{ cells: unknown[]; object: Seen }>;
  groups: { name: string }[];
  versions: object[];
  preferredVersion: object;
  resources: Several<SeenResource>;
}

/** One event of a watch. */
export interface SeenEvent {
  type: string;
  object: Seen & { code: number; reason: string };
}

type SeenSchema = {
  properties: Record<string, { properties: Record<string, Record<string, unknown>> }>;
  'x-kubernetes-group-version-kind': object[];
};

/** An OpenAPI document, or the index of them. */
export interface SeenDocument {
  paths: Record<
    string,
    { serverRelativeURL: string; patch: { parameters: { name: string }[]; 'x-kubernetes-group-version-kind': object } }
  >;
  components: { schemas: Record<string, SeenSchema> };
}
