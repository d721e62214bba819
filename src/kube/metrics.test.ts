import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics } from './metrics.ts';

test("prints in Prometheus' text format", () => {
  const all = metrics();
  const requests = all.counter('requests_total', 'Requests.\nAll \\ of them.', ['verb']);
  requests.add(1, 'get');
  requests.add(2, 'get');
  requests.add(1, 'a"b\\c\nd');
  all.gauge('depth', 'Depth.').set(-3.5);
  const seconds = all.histogram('seconds', 'Time.', [0.1, 1], ['controller']);
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, 'vm');
  assert.equal(
    all.print(),
    [
      '# HELP requests_total Requests.\\nAll \\\\ of them.',
      '# TYPE requests_total counter',
      'requests_total{verb="get"} 3',
      'requests_total{verb="a\\"b\\\\c\\nd"} 1',
      '# HELP depth Depth.',
      '# TYPE depth gauge',
      'depth -3.5',
      '# HELP seconds Time.',
      '# TYPE seconds histogram',
      'seconds_bucket{controller="vm",le="0.1"} 2',
      'seconds_bucket{controller="vm",le="1"} 3',
      'seconds_bucket{controller="vm",le="+Inf"} 4',
      'seconds_sum{controller="vm"} 7.65',
      'seconds_count{controller="vm"} 4',
      '',
    ].join('\n'),
  );
});

test('the same name with the same labels is the same metric; with others it is a defect', () => {
  const all = metrics();
  all.counter('a_total', 'A.').add(1);
  all.counter('a_total', 'A.').add(1);
  assert.match(all.print(), /^a_total 2$/m);
  assert.throws(() => all.counter('a_total', 'A.', ['verb']), /two meanings/);
  assert.throws(() => all.gauge('a_total', 'A.'), /two meanings/);
  assert.throws(() => all.histogram('a_total', 'A.', [1]), /a_total/);
});

test('what Prometheus would refuse or misread is a defect', () => {
  const all = metrics();
  assert.throws(() => all.counter('requests', 'R.'), /_total/);
  assert.throws(() => all.gauge('Bad-Name', 'B.'), /bad name/);
  assert.throws(() => all.gauge('good', 'G.', ['bad label']), /bad name/);
  assert.throws(() => {
    all.counter('b_total', 'B.').add(-1);
  }, /cannot go down/);
  assert.throws(() => {
    all.counter('c_total', 'C.', ['verb']).add(1);
  }, /labels/);
});

test('a label that takes endless values does not fill the memory', () => {
  const all = metrics();
  const bad = all.counter('bad_total', 'Bad.', ['name']);
  for (let i = 0; i < 5000; i++) bad.add(1, `vm-${String(i)}`);
  const lines = all.print().split('\n');
  assert.ok(lines.length < 1010);
  assert.ok(lines.includes('bad_total{name="other"} 4000'));
});
