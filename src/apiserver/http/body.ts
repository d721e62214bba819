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
  readonly duplicates: () => readonly string[];
}

/** @throws {ApiError} 413 when `body` is larger than a request may be. */
export function checkSize(body: Uint8Array | undefined): void {
  if ((body?.byteLength ?? 0) > bodyLimit) throw entityTooLarge(bodyLimit);
}

/** What a body of a create, an update or a delete says. @throws {ApiError} 415 for a type that is not taken, 400 for text that can't be read. */
export function decodeBody(body: Uint8Array, contentType: string | undefined, kind: string, refuse?: Refuse): Decoded {
  switch (mediaType(contentType ?? 'application/json').type) {
    case '':
    case 'application/json':
      return decodeJson(body, kind, refuse);
    case 'application/yaml':
      return decodeYaml(body, kind);
    case 'application/vnd.kubernetes.protobuf':
      return { value: decodeProtobuf(body), duplicates: () => [] };
    default:
      throw unsupportedMediaType(accepted);
  }
}

/** How what can not be read is refused; by default in words that name the kind. */
type Refuse = (why: string) => Error;

export function decodeJson(body: Uint8Array, kind: string, refuse: Refuse = (why) => unrecognised(kind, why, body)): Decoded {
  const text = utf8.decode(body);
  try {
    const value: unknown = JSON.parse(text);
    // Most clients write what JSON.stringify would: then nothing stands twice, and nobody needs to look.
    return { value, duplicates: () => (JSON.stringify(value) === text ? [] : duplicateFields(text)) };
  } catch (error) {
    throw refuse(`couldn't get version/kind; json parse error: ${goJsonError(text, error)}`);
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
    throw unrecognised(kind, `error converting YAML to JSON: ${messageOf(error)}`, body);
  }
}

export function unrecognised(kind: string, why: string, body: Uint8Array): Error {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(body)})`);
}

const shownBytes = 30;

/** The beginning of a body, in hexadecimal digits when it is no object. */
function summary(body: Uint8Array): string {
  if (body.byteLength === 0) return '<empty>';
  const start = body.subarray(0, shownBytes);
  const shown =
    utf8.decode(body.subarray(0, 1)) === '{'
      ? utf8.decode(start)
      : Array.from(start, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return body.byteLength > shownBytes ? `${shown} ...` : shown;
}

/** What Go calls the sort of a JSON value. */
export function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A mistake in JSON in the words of Go's decoder, as near as V8 tells which it is. */
function goJsonError(text: string, error: unknown): string {
  const said = messageOf(error);
  const position = /position (\d+)/.exec(said)?.[1];
  if (/end of JSON input|Unterminated/.test(said) || Number(position) >= text.length) return 'unexpected end of JSON input';
  const token = /^Unexpected token '(.+?)'/.exec(said)?.[1] ?? (position === undefined ? undefined : text.charAt(Number(position)));
  return token === undefined ? said : `invalid character '${token}' looking for beginning of value`;
}
