import { parseAccept } from '../accept.ts';
import { json } from '../respond.ts';
import type { Answer } from '../respond.ts';
import { version } from '../version.ts';

const protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const title = 'Hypersphere';

/**
 * GET /openapi/v2: a document without definitions. What there is to say stands in v3; but kubectl wants this one before it takes a manifest
 * of kind List, and with nothing in it leaves the checking to the server.
 */
export function openApiV2(accept: string | undefined): Answer {
  if (parseAccept(accept).some(({ type }) => type === protobuf)) {
    return { status: 200, headers: { 'content-type': protobuf.replace('@', '.'), vary: 'Accept' }, body: message() };
  }
  const document = { swagger: '2.0', info: { title, version: version.gitVersion }, paths: {}, definitions: {} };
  return json(200, document, { vary: 'Accept' });
}

/** The same as a protobuf message: its bytes are all ASCII, so it can be written as text. */
function message(): string {
  const info = field(1, title) + field(2, version.gitVersion);
  return field(1, '2.0') + field(2, info) + field(8, '') + field(9, '');
}

/** A length-delimited field; `content` has less than 128 bytes. */
function field(number: number, content: string): string {
  return String.fromCharCode((number << 3) | 2, content.length) + content;
}
