// Following what moves: one question at a time, the newest next.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const { Follow } = await import(new URL('../../api/console/js/follow.js', import.meta.url));
const soon = (ms = 60) => new Promise((resolve) => { setTimeout(resolve, ms); });

test('what came while a question was out is asked as one, the newest', async () => {
  const asked = [];
  let answer;
  const follow = new Follow((state) => { asked.push(state); return new Promise((resolve) => { answer = resolve; }); });
  for (const state of [1, 2, 3, 4]) follow.want(state);
  assert.deepEqual(asked, [1]);
  answer();
  await soon();
  assert.deepEqual(asked, [1, 4]);
  answer();
  await soon();
  assert.deepEqual(asked, [1, 4]);
  follow.want(5);
  assert.deepEqual(asked, [1, 4, 5]);
});

test('who stops is asked nothing more, and may go on later', async () => {
  const asked = [];
  let answer;
  const follow = new Follow((state) => { asked.push(state); return new Promise((resolve) => { answer = resolve; }); });
  follow.want(1);
  follow.want(2);
  follow.stop();
  answer();
  await soon();
  follow.want(3);
  assert.deepEqual(asked, [1, 3]);
});
