import { create, get, quietly, scenario } from '../scenario.ts';
import type { Scenario } from '../scenario.ts';
import { objectOf, pathOf } from './subjects.ts';
import type { Subject } from './subjects.ts';

const as = (kind: string, version = 'v1') => ({ headers: { accept: `application/json;as=${kind};v=${version};g=meta.k8s.io` } });

export function readScenarios(subject: Subject): Scenario[] {
  const path = pathOf(subject);
  const { collection } = subject;
  // Of the nodes, only those of the scenario.
  const own = `${collection}?labelSelector=scenario%3D{id}`;
  const made = (name: string) => quietly(create(collection, objectOf(subject, { metadata: { name, labels: { scenario: '{id}' } } })));
  return [
    scenario('get: what is not there', get(path), get(`${path}/status`), get(`${path}/scale`), get(`${path}/nope`)),
    scenario(
      'get: versions',
      made('{id}'),
      // Or the cache may not have it yet.
      quietly(get(own)),
      get(`${path}?resourceVersion=0`, { show: 'status' }),
      get(`${path}?resourceVersion=x`),
      get(`${path}?resourceVersion=999999999`, { show: 'status' }),
    ),
    scenario(
      'get: as a table',
      made('{id}'),
      get(path, as('Table')),
      get(`${path}?includeObject=None`, as('Table')),
      get(`${path}?includeObject=Object`, as('Table')),
      get(`${path}?includeObject=Nope`, as('Table')),
    ),
    scenario('get: metadata only', made('{id}'), get(path, as('PartialObjectMetadata')), get(path, as('PartialObjectMetadata', 'v1beta1'))),
    scenario(
      'get: forms that there are not',
      made('{id}'),
      get(path, as('Nope')),
      get(path, as('Table', 'v9')),
      get(path, { headers: { accept: 'text/html' } }),
      get(path, { headers: { accept: 'text/html, */*' } }),
    ),
    scenario('list: two objects', made('{id}-b'), made('{id}-a'), get(own)),
    scenario('list: none', get(own), get(own, as('Table')), get(own, as('PartialObjectMetadataList'))),
    scenario('list: as a table', made('{id}-b'), made('{id}-a'), get(own, as('Table')), get(`${own}&includeObject=None`, as('Table'))),
    scenario('list: metadata only', made('{id}-b'), made('{id}-a'), get(own, as('PartialObjectMetadataList'))),
    scenario(
      'list: by the name',
      made('{id}-b'),
      made('{id}-a'),
      get(`${collection}?fieldSelector=metadata.name%3D{id}-a`),
      get(`${collection}?fieldSelector=spec.nope%3Dx`),
      get(`${collection}?labelSelector=a%20b%20c`),
    ),
    scenario(
      'methods: which there are not',
      { request: `PUT ${collection}`, body: objectOf(subject) },
      { request: `PATCH ${collection}`, body: {} },
      { request: `POST ${path}`, body: objectOf(subject) },
      { request: `OPTIONS ${path}` },
      { request: `HEAD ${path}` },
    ),
  ];
}
