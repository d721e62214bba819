import { no, notAcceptable } from './errors.ts';

/** One entry of an Accept header. */
export interface MediaType {
  readonly type: string;
  readonly params: Readonly<Record<string, string>>;
}

/** What form an answer takes. `version` is that of meta.k8s.io. */
export interface Form {
  readonly as: 'Object' | 'Table' | 'PartialObjectMetadata';
  readonly version: 'v1' | 'v1beta1';
  /** Of metadata: that of a whole list was asked for. */
  readonly listed?: boolean;
}

const plain: Form = { as: 'Object', version: 'v1' };
const json: ReadonlySet<string> = new Set(['application/json', 'application/*', '*/*']);

/** What a real server can answer in; this one has JSON only, which everybody takes. */
const representations = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const streams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

/** The entries of an Accept header, most wanted first. */
export function parseAccept(header: string | undefined): MediaType[] {
  const entries = (header ?? '').split(',').map((entry) => mediaType(entry));
  const weight = (entry: MediaType): number => Number(entry.params['q'] ?? '1');
  return entries.filter((entry) => entry.type !== '' && weight(entry) > 0).sort((a, b) => weight(b) - weight(a));
}

/** `application/json; as=Table` → its type in lower case and its parameters. */
export function mediaType(text: string): MediaType {
  if (!text.includes(';')) return { type: text.trim().toLowerCase(), params: {} };
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const params: Record<string, string> = {};
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals > 0) params[part.slice(0, equals).toLowerCase()] = part.slice(equals + 1).replace(/^"(.*)"$/, '$1');
  }
  return { type: type.toLowerCase(), params };
}

export function acceptsJson(entry: MediaType): boolean {
  return json.has(entry.type);
}

/** The form of object, list or watch that `header` asks for. @throws {ApiError} 406 when JSON is not among what it accepts. */
export function negotiate(header: string | undefined): Form {
  if (header === undefined || header === '' || header === 'application/json') return plain;
  for (const entry of parseAccept(header)) {
    const form = acceptsJson(entry) ? formOf(entry) : undefined;
    if (form !== undefined) return form;
  }
  throw notAcceptable(representations);
}

/** @throws {ApiError} 406 when nothing that `header` names is a form of an answer about `custom` or built-in kinds. `many`: of a collection. */
export function checkAcceptable(header: string | undefined, custom: boolean, many: boolean): void {
  // As nearly all ask.
  if (header === 'application/json') return;
  if (!custom && header !== undefined && header !== '' && !parseAccept(header).some(acceptsJson)) {
    const available = [...representations, ...(many ? streams : [])].join(', ');
    throw no(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${available}`, {});
  }
  negotiate(header);
}

function formOf({ params }: MediaType): Form | undefined {
  const as = params['as'];
  if (as === undefined) return plain;
  const version = params['v'];
  if (params['g'] !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as === 'Table') return { as, version };
  if (as === 'PartialObjectMetadata') return { as, version };
  if (as === 'PartialObjectMetadataList') return { as: 'PartialObjectMetadata', version, listed: true };
  return undefined;
}
