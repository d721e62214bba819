import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Stopped } from '../../base/errors.ts';
import { bodyLimit } from './body.ts';
import { configMap, configMapsPath, harness, widgetDefinition, widgetsPath } from './test-support.ts';

describe('who may ask', () => {
  for (const [what, authorization] of [
    ['no token', ''],
    ['a token that nobody has', 'Bearer wrong'],
    ['another scheme', 'Basic secret'],
  ] as const) {
    test(`${what}: 401`, async () => {
      const server = await harness();
      const status = await server.no(401, 'GET', '/api/v1/namespaces', { headers: { authorization } });
      assert.deepEqual(status, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      });
    });
  }

  for (const path of ['/healthz', '/readyz', '/livez', '/livez/ping', '/version']) {
    test(`${path} needs no token`, async () => {
      const server = await harness();
      assert.equal((await server.send('GET', path, { headers: { authorization: '' } })).status, 200);
    });
  }

  test('who has a token may do everything, and is told so', async () => {
    const server = await harness();
    const spec = { resourceAttributes: { verb: 'delete', resource: 'nodes' } };
    const access = await server.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec,
    });
    assert.equal(access.status.allowed, true);
    assert.deepEqual(access.spec, spec);
    const rules = await server.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: 'x' },
    });
    assert.deepEqual(rules.status.resourceRules, [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
    const me = await server.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', { kind: 'SelfSubjectReview' });
    assert.deepEqual(me.status.userInfo, { username: 'ada', groups: ['people', 'system:authenticated'] });
  });
});

describe('what is refused before anything is done', () => {
  for (const path of [
    '/nope',
    '/apis/nope.example.com',
    '/apis/nope.example.com/v1/things',
    '/openapi/v2/x',
    '/openapi/v3/apis/nope/v1',
    '/healthz/nope',
  ]) {
    test(`${path} is not found, in plain text`, async () => {
      const server = await harness();
      const got = await server.send('GET', path);
      assert.deepEqual([got.status, got.text], [404, '404 page not found\n']);
    });
  }

  for (const path of ['/api/v2', '/api/v1/nopes', '/api/v1/namespaces/default/nodes']) {
    test(`${path} is not found, as a Status: it is below the group that is built in`, async () => {
      const server = await harness();
      const status = await server.no(404, 'GET', path);
      assert.equal(status.message, 'the server could not find the requested resource');
    });
  }

  test('a method that a resource has not is 405', async () => {
    const server = await harness();
    for (const [method, path] of [
      ['POST', '/healthz'],
      ['POST', '/api'],
      ['PUT', '/api/v1/namespaces'],
      ['PATCH', configMapsPath],
      ['POST', `${configMapsPath}/x`],
      ['POST', '/api/v1/configmaps'],
      ['DELETE', '/api/v1/configmaps'],
      ['DELETE', '/api/v1/namespaces'],
      ['GET', '/apis/authentication.k8s.io/v1/selfsubjectreviews'],
      ['GET', '/api/v1/namespaces/default/finalize'],
    ] as const) {
      const status = await server.no(405, method, path);
      assert.equal(status.message, 'the server does not allow this method on the requested resource');
    }
  });

  test('a body past 3 MiB is 413, a type that nobody knows 415, an answer in another type 406, an escape that is none 400', async () => {
    const server = await harness();
    const large = await server.no(413, 'POST', configMapsPath, { body: new Uint8Array(bodyLimit + 1) });
    assert.equal(large.message, 'Request entity too large: limit is 3145728');
    await server.no(415, 'POST', configMapsPath, { body: configMap('x'), headers: { 'content-type': 'text/xml' } });
    const other = await server.no(406, 'GET', configMapsPath, { headers: { accept: 'application/vnd.kubernetes.protobuf' } });
    assert.match(other.message ?? '', /^406: Not Acceptable\n\nAvailable representations: application\/json/);
    await server.no(400, 'GET', '/api/v1/namespaces/%E0%A4%A');
  });

  test('text that is not JSON, or not YAML, is 400', async () => {
    const server = await harness();
    const json = await server.no(400, 'POST', configMapsPath, { body: '{"kind":' });
    assert.match(
      json.message ?? '',
      /^the object provided is unrecognized \(must be of type ConfigMap\): couldn't get version\/kind; json parse error/,
    );
    const yaml = await server.no(400, 'POST', configMapsPath, { body: 'a: [', headers: { 'content-type': 'application/yaml' } });
    assert.match(yaml.message ?? '', /error converting YAML to JSON/);
  });

  test('what real servers do and this one does not is refused in words', async () => {
    const server = await harness();
    for (const [method, path] of [
      ['GET', '/api/v1/namespaces/default/pods/p/log'],
      ['POST', '/api/v1/namespaces/default/pods/p/exec'],
      ['POST', '/api/v1/namespaces/default/serviceaccounts/a/token'],
      ['GET', '/api/v1/nodes/n/proxy/metrics'],
      ['GET', '/api/v1/watch/namespaces'],
    ] as const) {
      const status = await server.no(501, method, path);
      assert.match(status.message ?? '', /here|through this server/);
    }
    const service = await server.no(405, 'POST', '/api/v1/namespaces/default/services', {
      body: { kind: 'Service', apiVersion: 'v1', metadata: { name: 's' } },
    });
    assert.match(service.message ?? '', /can not be made here/);
    assert.deepEqual((await server.get('/api/v1/services')).items, []);
    const status = await server.no(404, 'GET', `${configMapsPath}/x/status`);
    assert.equal(status.message, 'the server could not find the requested resource');
  });
});

describe('the handler as a ControlPlane', () => {
  test('HEAD has the headers of GET and no body; built-in kinds do not know it', async () => {
    const server = await harness({ crds: [widgetDefinition()] });
    const none = await server.send('HEAD', '/api/v1/namespaces/default');
    assert.deepEqual([none.status, none.text], [405, '']);
    const got = await server.send('HEAD', widgetsPath);
    assert.deepEqual([got.status, got.text], [200, '']);
    assert.ok(Number(got.headers['content-length']) > 0);
  });

  test('a request that was given up already is not carried out', async () => {
    const server = await harness();
    await assert.rejects(server.raw('POST', configMapsPath, { body: configMap('x'), signal: AbortSignal.abort() }), Stopped);
    await server.no(404, 'GET', `${configMapsPath}/x`);
  });

  test('a restart finds what was acknowledged', async () => {
    const first = await harness();
    const made = await first.post(configMapsPath, configMap('kept', { a: 'b' }));
    first.disk.crash('lost');
    const second = await harness({ disk: first.disk });
    assert.deepEqual(await second.get(`${configMapsPath}/kept`), made);
  });

  test('a full disk is said, and what fits again later is taken', async () => {
    const server = await harness();
    await server.post(configMapsPath, configMap('a', { k: '1' }));
    server.disk.resize(server.disk.used());
    for (const [method, path] of [
      ['POST', configMapsPath],
      ['PUT', `${configMapsPath}/a`],
    ] as const) {
      const status = await server.no(507, method, path, { body: configMap(method === 'PUT' ? 'a' : 'b', { k: 'x'.repeat(9999) }) });
      assert.match(status.message ?? '', /no room left on the disk/);
    }
    server.disk.resize(1e9);
    assert.deepEqual((await server.put(`${configMapsPath}/a`, configMap('a', { k: '2' }))).data, { k: '2' });
  });

  test('a server that is closing says so', async () => {
    const server = await harness();
    await server.api.close();
    const status = await server.no(503, 'POST', configMapsPath, { body: configMap('x') });
    assert.equal(status.reason, 'ServiceUnavailable');
  });
});
