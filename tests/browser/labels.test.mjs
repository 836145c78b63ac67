// Where the name of an area hangs: inside it, whatever its shape.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const { labelPoint } = await import(new URL('../../api/console/js/label_point.js', import.meta.url));
const inRing = ([x, y], ring) => ring.slice(1).reduce((inside, [x1, y1], i) => {
  const [x0, y0] = ring[i];
  return (y0 > y) !== (y1 > y) && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0) ? !inside : inside;
}, false);
const inside = (at, rings) => rings.reduce((count, ring) => count + inRing(at, ring), 0) % 2 === 1;
const square = (x, y, d) => [[x - d, y - d], [x + d, y - d], [x + d, y + d], [x - d, y + d], [x - d, y - d]];
const SHAPES = {
  'a square': [square(112, 33, 1)],
  'a horseshoe': [[[0, 0], [6, 0], [6, 6], [5, 6], [5, 1], [1, 1], [1, 6], [0, 6], [0, 0]]],
  'a ring': [square(0, 0, 3), square(0, 0, 2)],
  'a comb': [[[0, 0], [9, 0], [9, 4], [8, 4], [8, 1], [6, 1], [6, 4], [3, 4], [3, 1], [1, 1], [1, 4], [0, 4], [0, 0]]],
};

for (const [name, rings] of Object.entries(SHAPES)) {
  test(`the name of ${name} hangs inside it, whichever way it is drawn`, () => {
    for (const way of [rings, rings.map((ring) => [...ring].reverse())]) assert.ok(inside(labelPoint({ type: 'Polygon', coordinates: way }), rings));
  });
}

test('of several parts the largest has the name, and what has no area has none', () => {
  const at = labelPoint({ type: 'MultiPolygon', coordinates: [[square(0, 0, 1)], [square(9, 9, 2)], [square(20, 0, 1)]] });
  assert.deepEqual(at, [9, 9]);
  assert.equal(labelPoint({ type: 'LineString', coordinates: [[0, 0], [1, 1]] }), null);
});
