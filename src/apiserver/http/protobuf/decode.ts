import { rfc3339, rfc3339Micro } from '../../../base/time.ts';
import type { Json } from '../../../meta/objects.ts';
import { isObject } from '../../schema/json.ts';
import { badRequest, unsupportedMediaType } from '../errors.ts';
import { messageOf } from './messages.ts';
import type { Field, FieldType, Message } from './messages.ts';
import { readMessage } from './wire.ts';
import type { WireValue } from './wire.ts';

type Fields = { [name: string]: Json };

const magic = [0x6b, 0x38, 0x73, 0x00];
const text = new TextDecoder();
const envelope: Message = {
  1: ['typeMeta', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }],
  2: ['raw', 'bytes'],
  3: ['contentEncoding', 'string'],
  4: ['contentType', 'string'],
};

/**
 * A body of type application/vnd.kubernetes.protobuf as the object it stands for.
 * @throws {ApiError} 415 for a kind of which this server knows no protobuf form, 400 for a body that is torn.
 */
export function decodeProtobuf(body: Uint8Array): Fields {
  if (!magic.every((byte, i) => body[i] === byte))
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  let raw = new Uint8Array();
  const outer = decode(body.subarray(magic.length), envelope, (bytes) => (raw = new Uint8Array(bytes)));
  const type = outer['typeMeta'];
  const { apiVersion, kind } = isFields(type) ? type : {};
  const message = messageOf(asText(apiVersion), asText(kind));
  if (message === undefined || (outer['contentEncoding'] ?? '') !== '')
    throw unsupportedMediaType(['application/json', 'application/yaml']);
  return { apiVersion: asText(apiVersion), kind: asText(kind), ...decode(raw, message) };
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decode(bytes: Uint8Array, message: Message, onRaw?: (bytes: Uint8Array) => void): Fields {
  const fields: Fields = {};
  readMessage(bytes, (number, value) => {
    const field = message[number];
    if (field === undefined) return;
    if (onRaw !== undefined && field[0] === 'raw' && value.kind === 'bytes') onRaw(value.value);
    else put(fields, field, value);
  });
  return fields;
}

function put(fields: Fields, [name, type, repeated]: Field, wire: WireValue): void {
  if (type === 'map' || type === 'bytesMap') {
    const [key, value] = entryOf(wire, type);
    const before = fields[name];
    fields[name] = { ...(isFields(before) ? before : {}), [key]: value };
    return;
  }
  const value = valueOf(wire, type);
  if (value === undefined) return;
  if (repeated === undefined) fields[name] = value;
  else fields[name] = [...asList(fields[name]), value];
}

function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function valueOf(wire: WireValue, type: FieldType): Json | undefined {
  if (type === 'int' || type === 'bool') {
    if (wire.kind !== 'varint') throw badRequest('a number was expected in the protobuf message');
    return type === 'bool' ? wire.value !== 0n : Number(wire.value);
  }
  if (wire.kind !== 'bytes') throw badRequest('a length-delimited field was expected in the protobuf message');
  if (type === 'string') return text.decode(wire.value);
  if (type === 'bytes') return base64(wire.value);
  if (type === 'time' || type === 'microtime') return timeOf(wire.value, type);
  if (type === 'fieldsV1') return fieldsV1(wire.value);
  return typeof type === 'string' ? undefined : decode(wire.value, type);
}

/** An all-zero time is Go's zero time: absent. */
function timeOf(bytes: Uint8Array, type: 'time' | 'microtime'): string | undefined {
  const { seconds, nanos } = decode(bytes, { 1: ['seconds', 'int'], 2: ['nanos', 'int'] });
  if (typeof seconds !== 'number') return undefined;
  const micros = Math.floor((typeof nanos === 'number' ? nanos : 0) / 1000);
  if (type === 'time') return rfc3339(seconds * 1000);
  return `${rfc3339Micro(seconds * 1000).slice(0, 20)}${String(micros).padStart(6, '0')}Z`;
}

function fieldsV1(bytes: Uint8Array): Json {
  let raw = '{}';
  readMessage(bytes, (number, value) => {
    if (number === 1 && value.kind === 'bytes') raw = text.decode(value.value);
  });
  const parsed: unknown = JSON.parse(raw);
  return isObject(parsed) ? parsed : {};
}

function entryOf(wire: WireValue, type: 'map' | 'bytesMap'): [key: string, value: string] {
  if (wire.kind !== 'bytes') throw badRequest('a map entry was expected in the protobuf message');
  const entry = decode(wire.value, { 1: ['key', 'string'], 2: ['value', type === 'map' ? 'string' : 'bytes'] });
  return [asText(entry['key']), asText(entry['value'])];
}

function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
