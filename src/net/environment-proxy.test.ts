import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { environmentProxy, type Environment } from './environment-proxy.ts';

describe('the proxy that the environment names', () => {
  const proxy = 'http://proxy.example:3128';
  const through = (server: string, environment: Environment): boolean => environmentProxy(server, environment) !== undefined;

  it('is HTTPS_PROXY for https, HTTP_PROXY for http; lower case counts less', () => {
    assert.equal(environmentProxy('https://api.example', { HTTPS_PROXY: proxy, HTTP_PROXY: 'http://other' }), proxy);
    assert.equal(environmentProxy('http://api.example', { HTTPS_PROXY: 'http://other', HTTP_PROXY: proxy }), proxy);
    assert.equal(environmentProxy('https://api.example', { https_proxy: proxy }), proxy);
    assert.equal(environmentProxy('https://api.example', { https_proxy: 'http://other', HTTPS_PROXY: proxy }), proxy);
    assert.equal(environmentProxy('https://api.example', { HTTPS_PROXY: '' }), undefined);
    assert.equal(environmentProxy('https://api.example', { HTTP_PROXY: proxy }), undefined);
  });

  it('needs no scheme', () => {
    assert.equal(environmentProxy('https://api.example', { HTTPS_PROXY: 'proxy.example:3128' }), proxy);
  });

  it('is not for what is on this machine', () => {
    for (const host of ['localhost', '127.0.0.1', '127.8.8.8', '[::1]'])
      assert.ok(!through(`https://${host}:6443`, { HTTPS_PROXY: proxy }), host);
  });

  it('NO_PROXY: addresses, networks and domains, perhaps with a port', () => {
    const rows: readonly (readonly [noProxy: string, server: string, through: boolean])[] = [
      ['*', 'https://api.example', false],
      ['api.example', 'https://api.example', false],
      ['example', 'https://api.example:6443', false],
      ['API.Example', 'https://api.example', false],
      ['pi.example', 'https://api.example', true],
      ['.example', 'https://api.example', false],
      ['.api.example', 'https://api.example', true],
      ['*.api.example', 'https://a.api.example', false],
      ['api.example:443', 'https://api.example', false],
      ['api.example:443', 'https://api.example:6443', true],
      ['other, , api.example', 'https://api.example', false],
      ['10.0.0.1', 'https://10.0.0.1:6443', false],
      ['10.0.0.1:6443', 'https://10.0.0.1:6443', false],
      ['10.0.0.1:443', 'https://10.0.0.1:6443', true],
      ['10.0.0.10', 'https://10.0.0.1', true],
      ['0.0.1', 'https://10.0.0.1', true],
      ['10.0.0.0/8', 'https://10.1.2.3', false],
      ['10.0.0.0/8', 'https://11.1.2.3', true],
      ['10.0.0.0/99', 'https://10.1.2.3', true],
      ['fd00::/8', 'https://[fd00::1]:6443', false],
      ['fd00::1', 'https://[fd00:0::1]', false],
      ['[fd00::1]:443', 'https://[fd00::1]:6443', true],
      ['10.0.0.0/8', 'https://ten.example', true],
    ];
    for (const [noProxy, server, expected] of rows)
      assert.equal(through(server, { HTTPS_PROXY: proxy, NO_PROXY: noProxy }), expected, `${noProxy} for ${server}`);
    assert.ok(!through('https://api.example', { https_proxy: proxy, no_proxy: 'example' }));
  });
});
