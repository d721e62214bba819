import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kinds } from '../../../src/api/kinds.ts';
import { apiServer } from '../../../src/apiserver/server.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { manifestsIn } from '../../../src/cmd/install.ts';
import type { ApiRequest } from '../../../src/meta/control-plane.ts';
import { apiVersionOf, collectionPath, objectPath, type ResourceType } from '../../../src/meta/resource.ts';
import { memoryDisk } from '../../../src/sim/disk.ts';
import { testClock } from '../../../src/sim/test-support.ts';
import { badManifests } from '../../manifests/bad.ts';

interface Draft {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function isDraft(object: unknown): object is Draft {
  return typeof object === 'object' && object !== null && 'kind' in object && 'metadata' in object;
}

function draftOf(object: object): Draft {
  return isDraft(object) ? object : assert.fail('that is no object');
}

function typeOf(draft: Draft): ResourceType {
  return kinds.find((kind) => kind.kind === draft.kind && apiVersionOf(kind) === draft.apiVersion) ?? assert.fail(`no kind ${draft.kind}`);
}

interface Answer {
  readonly status: number;
  readonly body: { readonly message?: string; readonly items?: readonly object[]; readonly metadata?: object };
}

async function bareServer(): Promise<(method: ApiRequest['method'], path: string, object?: object) => Promise<Answer>> {
  const clock = testClock();
  const random = seededRandom(1);
  const stopping = new AbortController().signal;
  const server = await apiServer({
    runtime: { id: 'server', clock, random, log: silentLog, stopping },
    tokens: new Map([['t', { username: 'person', uid: '1', groups: ['system:masters'] }]]),
    disk: memoryDisk({ random }).mount(),
    crds: await manifestsIn('crds'),
  });
  const ask = async (method: ApiRequest['method'], path: string, object?: object): Promise<Answer> => {
    const body = object === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(object)) };
    const headers = { authorization: 'Bearer t', 'content-type': 'application/json', accept: 'application/json' };
    const answer = await server.handler({ method, path, query: [['fieldValidation', 'Strict']], headers, ...body }, stopping);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    return { status: answer.status, body: JSON.parse(Buffer.concat(chunks).toString()) as Answer['body'] };
  };
  return async (method, path, object) => {
    let answer: Answer | undefined;
    let broken: unknown;
    ask(method, path, object).then(
      (found) => (answer = found),
      (error: unknown) => (broken = error ?? 'broken'),
    );
    await clock.until(() => answer !== undefined || broken !== undefined, 60_000);
    return answer ?? assert.fail(String(broken));
  };
}

/** The field is named as a whole word: `spec.memory` is not named by `spec.memory.size`. */
function names(message: string, field: string): boolean {
  const at = message.indexOf(field);
  if (at < 0) return false;
  const before = message[at - 1] ?? ' ';
  const after = message.slice(at + field.length);
  return !/[\w.]/.test(before) && !/^(\w|\.\w|\[\d)/.test(after) ? true : names(message.slice(at + 1), field);
}

describe('manifests that no control plane may take', async () => {
  const ask = await bareServer();
  for (const { what, object, before, field, code } of badManifests) {
    test(what, async () => {
      const draft = draftOf(object);
      const type = typeOf(draft);
      const at = collectionPath(type, draft.metadata.namespace);
      const path = objectPath(type, draft.metadata);
      let refused: Answer;
      let stored: object | undefined;
      if (before === undefined) {
        refused = await ask('POST', at, object);
      } else {
        const made = await ask('POST', at, before);
        assert.equal(made.status, 201, made.body.message);
        stored = made.body;
        const { resourceVersion } = made.body.metadata as { resourceVersion: string };
        refused = await ask('PUT', path, { ...object, metadata: { ...draft.metadata, resourceVersion } });
      }
      const message = refused.body.message ?? '';
      try {
        assert.equal(refused.status, code, message);
        assert.ok(names(message, field), `${field} is not named: ${message}`);
        const left = (await ask('GET', at)).body.items ?? assert.fail('no list');
        assert.deepEqual(left, stored === undefined ? [] : [stored]);
      } finally {
        await ask('DELETE', path);
      }
    });
  }
});
