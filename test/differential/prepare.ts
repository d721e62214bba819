import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { root } from '../../scripts/tool.ts';
import { suiteDefinitions } from './definitions.ts';
import { send } from './send.ts';
import type { Heard } from './send.ts';
import type { Stage } from './stage.ts';
import { at, bodyOf } from './substitute.ts';

/** Versions of objects have this many digits at least: no other number in a message is taken for one. */
const oldestVersion = 1000;
const patience = 1000;

/** Makes a fresh control plane ready: the kinds of `crds/` and of the suite are installed as a user would, by the API. */
export async function prepare(stage: Stage): Promise<void> {
  const definitions = [...(await ownDefinitions()), ...suiteDefinitions];
  for (const definition of definitions) expectStatus(await post(stage, definitionsPath, definition), 201);
  for (const definition of definitions) await served(stage, definition);
  await age(stage);
}

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

async function ownDefinitions(): Promise<object[]> {
  const folder = path.join(root, 'crds');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.yaml')).sort();
  const objects = await Promise.all(files.map(async (file) => load(await readFile(path.join(folder, file), 'utf8')) as object));
  return objects.filter((object) => at(object, '/kind') === 'CustomResourceDefinition');
}

/** A kind is served, and described, a little after its definition was taken. */
async function served(stage: Stage, definition: object): Promise<void> {
  const [group, plural, kind, version] = ['/spec/group', '/spec/names/plural', '/spec/names/kind', '/spec/versions/0/name'].map((pointer) =>
    String(at(definition, pointer)),
  );
  await until(stage, `/apis/${String(group)}/${String(version)}/${String(plural)}`, ({ status }) => status === 200);
  await until(stage, `/openapi/v3/apis/${String(group)}/${String(version)}`, ({ body }) =>
    JSON.stringify(body).includes(`"kind":"${String(kind)}"`),
  );
}

async function until(stage: Stage, target: string, done: (heard: Heard) => boolean): Promise<void> {
  for (let tries = 0; tries < patience; tries++) {
    if (done(await send(stage, { request: `GET ${target}`, headers: {}, body: undefined }))) return;
    await stage.pause();
  }
  throw new Error(`GET ${target} never gave what was waited for`);
}

/** Writes until versions are long numbers. */
async function age(stage: Stage): Promise<void> {
  const collection = '/api/v1/namespaces/default/configmaps';
  for (let count = 0; ; count++) {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'growing-old' }, data: { count: String(count) } };
    const request = count === 0 ? `POST ${collection}` : `PUT ${collection}/growing-old`;
    const heard = await send(stage, { request, headers: { 'content-type': 'application/json' }, body: bodyOf(body, new Map()) });
    expectStatus(heard, count === 0 ? 201 : 200);
    if (Number(at(heard.body, '/metadata/resourceVersion')) >= oldestVersion) return;
  }
}

function post(stage: Stage, target: string, body: object): Promise<Heard> {
  return send(stage, { request: `POST ${target}`, headers: { 'content-type': 'application/json' }, body: bodyOf(body, new Map()) });
}

function expectStatus(heard: Heard, status: number): void {
  if (heard.status !== status) throw new Error(`${String(heard.status)} instead of ${String(status)}: ${JSON.stringify(heard.body)}`);
}
