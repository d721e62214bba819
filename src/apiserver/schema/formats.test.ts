import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatCheck } from './formats.ts';

const table: Record<string, { good: string[]; bad: string[] }> = {
  'date-time': {
    good: ['2014-12-15T19:30:20.000Z', '2024-02-29T00:00:00+02:00', '2014-12-15t19:30:20z'],
    bad: ['2014-12-15', '2014-12-15T24:00:00Z', '2023-02-29T00:00:00Z', '2014-12-15T19:30:20', 'noon', ''],
  },
  date: { good: ['2006-01-02'], bad: ['2006-13-02', '2006-01-32', '06-01-02', '2006-00-10'] },
  duration: { good: ['1h30m', '-1.5s', '22 ns', '3 days', '0'], bad: ['', 'x', '5', '1y'] },
  ipv4: { good: ['192.0.2.1', '010.0.0.1'], bad: ['::1', '1.2.3', '1.2.3.4/8'] },
  ipv6: { good: ['::1', '::ffff:192.0.2.1'], bad: ['192.0.2.1', ':::'] },
  cidr: { good: ['192.0.2.0/24', '::/0', '192.0.2.1/24'], bad: ['192.0.2.0', '192.0.2.0/33'] },
  mac: { good: ['00:11:22:33:44:55', '00-11-22-33-44-55', '0011.2233.4455'], bad: ['00:11:22:33:44', '00:11:22:33:44:5g'] },
  uuid: {
    good: ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000'],
    bad: ['123e4567-e89b-12d3-a456-42661417400'],
  },
  uuid4: {
    good: ['123e4567-e89b-42d3-a456-426614174000'],
    bad: ['123e4567-e89b-12d3-a456-426614174000', '123e4567-e89b-42d3-c456-426614174000'],
  },
  uri: { good: ['https://example.com/x?y', '/absolute', 'mailto:a@b'], bad: ['../relative', 'example.com', 'https://a:b:c/', '', '/%zz'] },
  email: { good: ['a@b', 'A <a@example.com>'], bad: ['a', '@b', 'a@'] },
  hostname: { good: ['example.com', 'a-b', 'localhost'], bad: ['-a', 'a..b', 'a_b', ''] },
  byte: { good: ['aGVsbG8=', ''], bad: ['aGVsbG8', 'a===', '****'] },
  hexcolor: { good: ['#fff', 'A0B1C2'], bad: ['#ff', 'zzz'] },
  isbn: { good: ['0321751043', '978-0321751041'], bad: ['0321751044', '12'] },
  'k8s-short-name': { good: ['a-b'], bad: ['A', 'a.b', '-a', 'a'.repeat(64)] },
  'k8s-long-name': { good: ['a.b-c'], bad: ['a..b', 'a.'] },
};

describe('formats', () => {
  for (const [format, { good, bad }] of Object.entries(table)) {
    const check = formatCheck(format);
    for (const text of good) it(`${format} takes ${JSON.stringify(text)}`, () => assert.equal(check?.(text), true));
    for (const text of bad) it(`${format} refuses ${JSON.stringify(text)}`, () => assert.equal(check?.(text), false));
  }

  it('that Kubernetes does not know are not checked', () => {
    assert.equal(formatCheck('int-or-string'), undefined);
  });
});
