import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containsCidr, containsIp, formatCidr, formatIp, isMapped, masked, parseCidr, parseIp } from './ip-address.ts';

const canonical: [text: string, canonical: string | undefined][] = [
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.256', undefined],
  ['1.2.3', undefined],
  ['01.2.3.4', undefined],
  ['1.2.3.4.5', undefined],
  ['', undefined],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:DB8::ABCD', '2001:db8::abcd'],
  ['2001:db8::0:0:0:abcd', '2001:db8::abcd'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['::192.0.2.1', '::c000:201'],
  [':::1', undefined],
  ['1::2::3', undefined],
  ['1:2:3:4:5:6:7', undefined],
  ['1:2:3:4:5:6:7:8:9', undefined],
  ['1:2:3:4:5:6:7::8', undefined],
  ['fe80::1%eth0', undefined],
  ['192.0.2.1::', undefined],
];

describe('IP addresses', () => {
  for (const [text, expected] of canonical) {
    it(`${text} → ${String(expected)}`, () => {
      const address = parseIp(text);
      assert.equal(address === undefined ? undefined : formatIp(address), expected);
    });
  }

  it('may have leading zeros where an old format lets them', () => {
    const address = parseIp('010.001.0.1', true);
    assert.equal(address && formatIp(address), '10.1.0.1');
  });

  it('knows mapped addresses', () => {
    const mapped = parseIp('::ffff:192.0.2.1');
    assert.equal(mapped !== undefined && isMapped(mapped), true);
  });

  it('networks contain addresses and networks', () => {
    const outer = parseCidr('192.168.0.0/16');
    const inner = parseCidr('192.168.10.1/24');
    const address = parseIp('192.168.255.1');
    assert.ok(outer && inner && address);
    assert.equal(containsIp(outer, address), true);
    assert.equal(containsIp(inner, address), false);
    assert.equal(containsCidr(outer, inner), true);
    assert.equal(containsCidr(inner, outer), false);
    assert.equal(formatCidr(masked(inner)), '192.168.10.0/24');
  });

  for (const text of ['192.168.0.0', '192.168.0.0/33', '::1/129', '192.168.0.0/08', '192.168.0.0/', '/8']) {
    it(`${text} is no network`, () => {
      assert.equal(parseCidr(text), undefined);
    });
  }
});
