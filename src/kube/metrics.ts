import { Unreachable } from '../base/errors.ts';
import type { Metrics } from './types.ts';

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

interface Family<S> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
  /** By label values, in the order in which they came up. */
  readonly series: Map<string, { readonly values: readonly string[]; readonly state: S }>;
}

interface Value {
  value: number;
}

/** A family that grows past this has a label that it should not have; what comes after goes into one series whose labels say `other`. */
const mostSeries = 1000;

/**
 * Metrics of one process. A name that is asked for again, with the same labels, is the same metric.
 * @throws {Unreachable} for names or labels that Prometheus would refuse, and for a name with two meanings: these are defects.
 */
export function metrics(): Metrics {
  const values = new Map<string, Family<Value>>();
  const histograms = new Map<string, Family<Histogram>>();
  const order: (() => string)[] = [];

  const valued = (type: 'counter' | 'gauge', name: string, help: string, labels: readonly string[]): Family<Value> => {
    if (histograms.has(name)) throw new Unreachable(`metric ${name} is a histogram`);
    return once(values, { name, help, type, labels, buckets: [], series: new Map() }, (family) => order.push(() => printValues(family)));
  };

  return {
    counter(name, help, labels = []) {
      if (!name.endsWith('_total')) throw new Unreachable(`the name of counter ${name} must end with _total`);
      const family = valued('counter', name, help, labels);
      return {
        add(value, ...labelValues) {
          if (value < 0) throw new Unreachable(`counter ${name} cannot go down`);
          seriesOf(family, labelValues, () => ({ value: 0 })).value += value;
        },
      };
    },
    gauge(name, help, labels = []) {
      const family = valued('gauge', name, help, labels);
      return { set: (value, ...labelValues) => void (seriesOf(family, labelValues, () => ({ value: 0 })).value = value) };
    },
    histogram(name, help, buckets, labels = []) {
      if (values.has(name)) throw new Unreachable(`metric ${name} is no histogram`);
      const family = once(histograms, { name, help, type: 'histogram', labels, buckets, series: new Map() }, (made) =>
        order.push(() => printHistograms(made)),
      );
      const start = (): Histogram => ({ counts: family.buckets.map(() => 0), sum: 0, count: 0 });
      return {
        observe: (value, ...labelValues) => {
          observe(family.buckets, seriesOf(family, labelValues, start), value);
        },
      };
    },
    print: () => order.map((print) => print()).join(''),
  };
}

function once<S>(families: Map<string, Family<S>>, family: Family<S>, added: (family: Family<S>) => void): Family<S> {
  const { name, type, labels, buckets } = family;
  const before = families.get(name);
  if (before !== undefined) {
    const same = before.type === type && before.labels.join() === labels.join() && before.buckets.join() === buckets.join();
    if (!same) throw new Unreachable(`metric ${name} has two meanings`);
    return before;
  }
  if (![name, ...labels].every((word) => /^[a-z_][a-z0-9_]*$/.test(word))) throw new Unreachable(`bad name or label of metric ${name}`);
  families.set(name, family);
  added(family);
  return family;
}

function seriesOf<S>(family: Family<S>, values: readonly string[], start: () => S): S {
  if (values.length !== family.labels.length) throw new Unreachable(`metric ${family.name} has ${String(family.labels.length)} labels`);
  const key = values.join('\u0000');
  const known = family.series.get(key);
  if (known !== undefined) return known.state;
  const full = family.series.size >= mostSeries && values.some((value) => value !== 'other');
  if (full)
    return seriesOf(
      family,
      values.map(() => 'other'),
      start,
    );
  const state = start();
  family.series.set(key, { values, state });
  return state;
}

function observe(buckets: readonly number[], histogram: Histogram, value: number): void {
  const index = buckets.findIndex((bound) => value <= bound);
  if (index >= 0) histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
  histogram.sum += value;
  histogram.count++;
}

function printValues(family: Family<Value>): string {
  const lines = [...family.series.values()].map(
    ({ values, state }) => `${family.name}${labelled(family.labels, values)} ${String(state.value)}\n`,
  );
  return head(family) + lines.join('');
}

function printHistograms(family: Family<Histogram>): string {
  const lines = [...family.series.values()].map(({ values, state }) => {
    let sum = 0;
    const bucket = (bound: string, count: number): string =>
      `${family.name}_bucket${labelled([...family.labels, 'le'], [...values, bound])} ${String(count)}\n`;
    const buckets = family.buckets.map((bound, index) => bucket(String(bound), (sum += state.counts[index] ?? 0)));
    const labels = labelled(family.labels, values);
    const totals = `${family.name}_sum${labels} ${String(state.sum)}\n${family.name}_count${labels} ${String(state.count)}\n`;
    return buckets.join('') + bucket('+Inf', state.count) + totals;
  });
  return head(family) + lines.join('');
}

function head<S>(family: Family<S>): string {
  const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${family.name} ${help}\n# TYPE ${family.name} ${family.type}\n`;
}

function labelled(labels: readonly string[], values: readonly string[]): string {
  if (labels.length === 0) return '';
  return `{${labels.map((label, index) => `${label}="${escape(values[index] ?? '')}"`).join(',')}}`;
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
