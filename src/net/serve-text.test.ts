import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { serveText } from './serve-text.ts';

test('pages are given by path; what is not there, not asked for by GET, or fails says so', async (t) => {
  let ready = false;
  const pages = {
    '/readyz': () => (ready ? { status: 200, text: 'ok' } : { status: 503, text: 'caches are filling' }),
    '/metrics': () => ({ status: 200, text: 'x 1\n', contentType: 'text/plain; version=0.0.4' }),
    '/bad': () => Promise.reject(new Error('secret')),
  };
  const { url, address, close } = await serveText(pages, { host: '127.0.0.1', port: 0, log: silentLog });
  t.after(close);
  const ask = async (path: string, method = 'GET') => {
    const got = await fetch(`${url}${path}`, { method });
    return [got.status, await got.text(), got.headers.get('content-type')];
  };
  assert.deepEqual(await ask('/readyz'), [503, 'caches are filling', 'text/plain; charset=utf-8']);
  ready = true;
  assert.deepEqual(await ask('/readyz?verbose'), [200, 'ok', 'text/plain; charset=utf-8']);
  assert.deepEqual(await ask('/metrics'), [200, 'x 1\n', 'text/plain; version=0.0.4']);
  assert.deepEqual((await ask('/metrics', 'HEAD')).slice(0, 2), [200, '']);
  assert.equal((await ask('/metrics', 'POST'))[0], 405);
  assert.equal((await ask('/other'))[0], 404);
  assert.equal((await ask('/constructor'))[0], 404);
  const [status, text] = await ask('/bad');
  assert.equal(status, 500);
  assert.ok(!String(text).includes('secret'));
  await assert.rejects(serveText(pages, { ...address, log: silentLog }), UserError);
});
