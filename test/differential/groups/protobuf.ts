/** Bodies as kubectl 1.32 and later send them: `k8s\0`, then a runtime.Unknown with the object in it. */

const encoder = new TextEncoder();

/** A field of wire type 2: text, bytes or a message. */
function field(number: number, content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  if (bytes.length > 127) throw new Error('longer than this encoder needs');
  return Uint8Array.of((number << 3) | 2, bytes.length, ...bytes);
}

function message(...fields: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(fields.flatMap((bytes) => [...bytes]));
}

function body(kind: string, object: Uint8Array): Uint8Array {
  const typeMeta = message(field(1, 'v1'), field(2, kind));
  return message(encoder.encode('k8s\0'), field(1, typeMeta), field(2, object), field(3, ''), field(4, ''));
}

const label = message(field(1, 'app'), field(2, 'web'));
/** ObjectMeta: name, generateName, namespace, labels; the empty texts that Go writes too. */
const metadata = (name: string): Uint8Array => message(field(1, name), field(2, ''), field(3, ''), field(11, label));
const pair = (key: string, value: string): Uint8Array => message(field(1, key), field(2, value));

export const configMapBytes: Uint8Array = body(
  'ConfigMap',
  message(field(1, metadata('from-bytes')), field(2, pair('colour', 'red')), field(2, pair('size', ''))),
);
export const serviceAccountBytes: Uint8Array = body('ServiceAccount', field(1, metadata('from-bytes')));
export const namespaceBytes: Uint8Array = body(
  'Namespace',
  message(field(1, metadata('from-bytes')), field(2, new Uint8Array()), field(3, field(1, ''))),
);
