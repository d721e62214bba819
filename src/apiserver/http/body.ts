import { CORE_SCHEMA, load } from 'js-yaml';
import { messageOf } from '../../base/errors.ts';
import { duplicateFields } from '../schema/duplicate-fields.ts';
import { mediaType } from './accept.ts';
import { badRequest, entityTooLarge, unsupportedMediaType } from './errors.ts';
import { decodeProtobuf } from './protobuf/decode.ts';

/** The largest body that is taken, in bytes. */
export const bodyLimit = 3 * 1024 * 1024;

const utf8 = new TextDecoder();
const accepted = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

export interface Decoded {
  readonly value: unknown;
  /** Paths of fields that stand more than once. */
  duplicates(): readonly string[];
}

/** @throws {ApiError} 413 when `body` is larger than a request may be. */
export function checkSize(body: Uint8Array | undefined): void {
  if ((body?.byteLength ?? 0) > bodyLimit) throw entityTooLarge(bodyLimit);
}

/** What a body of a create, an update or a delete says. @throws {ApiError} 415 for a type that is not taken, 400 for text that can't be read. */
export function decodeBody(body: Uint8Array, contentType: string | undefined, kind: string): Decoded {
  switch (mediaType(contentType ?? 'application/json').type) {
    case '':
    case 'application/json':
      return decodeJson(body, kind);
    case 'application/yaml':
      return decodeYaml(body, kind);
    case 'application/vnd.kubernetes.protobuf':
      return { value: decodeProtobuf(body), duplicates: () => [] };
    default:
      throw unsupportedMediaType(accepted);
  }
}

export function decodeJson(body: Uint8Array, kind: string): Decoded {
  const text = utf8.decode(body);
  try {
    const value: unknown = JSON.parse(text);
    // Most clients write what JSON.stringify would: then nothing stands twice, and nobody needs to look.
    return { value, duplicates: () => (JSON.stringify(value) === text ? [] : duplicateFields(text)) };
  } catch (error) {
    throw unrecognised(kind, `couldn't get version/kind; json parse error: ${messageOf(error)}`);
  }
}

/** YAML 1.2, of which JSON is a part. */
export function decodeYaml(body: Uint8Array, kind: string): Decoded {
  const text = utf8.decode(body);
  if (text.trimStart().startsWith('{')) return decodeJson(body, kind);
  try {
    // JSON has no words for what other YAML schemas would make of a value, such as a date.
    return { value: load(text, { schema: CORE_SCHEMA }), duplicates: () => [] };
  } catch (error) {
    throw unrecognised(kind, `error converting YAML to JSON: ${messageOf(error)}`);
  }
}

function unrecognised(kind: string, why: string): Error {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`);
}
