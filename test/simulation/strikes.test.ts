import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planOf } from './plan-of.ts';
import { apiSteps, portSteps } from './steps.ts';
import { kindsOf, placesOf, shareMet } from './strikes.ts';

const seeds = 1000;

/** How many faults come at each step, as far as plans can tell, and in which ways. */
function expected(): Map<string, { count: number; readonly kinds: Set<string> }> {
  const places = new Map<string, { count: number; readonly kinds: Set<string> }>();
  for (let seed = 1; seed <= seeds; seed++)
    for (const { role, step, kind } of planOf(seed, 'lifecycle', 10).strikes) {
      const place = places.get(`${role} ${step}`) ?? { count: 0, kinds: new Set() };
      place.count += shareMet({ role, step });
      place.kinds.add(kind);
      places.set(`${role} ${step}`, place);
    }
  return places;
}

describe('the faults of many seeds', () => {
  const counts = expected();

  test('come at every step in every way, each at least a hundred times in 20,000 seeds', () => {
    const places = placesOf({ ports: portSteps, api: apiSteps });
    assert.ok(places.length > 80, `${String(places.length)} places`);
    const rare = places.filter(({ role, step }) => {
      const { count, kinds } = counts.get(`${role} ${step}`) ?? { count: 0, kinds: new Set() };
      const ways = kindsOf(role, step);
      return (count / ways.length) * (20_000 / seeds) < 100 || ways.some((way) => !kinds.has(way));
    });
    assert.deepEqual(rare, []);
  });

  test('leave the user alive, and its wishes in order', () => {
    const ways = [...counts].flatMap(([place, { kinds }]) => (place.startsWith('user ') ? [...kinds] : []));
    assert.ok(ways.includes('lost-done'));
    assert.deepEqual(
      ways.filter((way) => /^(crash|pause|late)/.test(way)),
      [],
    );
  });
});
