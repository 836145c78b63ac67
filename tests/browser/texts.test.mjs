// The catalogue of texts: every name that the console uses is there, in both languages, with the same blanks.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../api/console/', import.meta.url);
globalThis.localStorage = { getItem: () => null };
const { catalogue } = await import(new URL('js/text.js', folder));
const sources = readdirSync(new URL('js/', folder)).map((name) => [name, readFileSync(new URL(`js/${name}`, folder), 'utf8')]);

test('each text is in Chinese and in English, with the same blanks', () => {
  const blanks = (words) => [...words.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join();
  for (const [name, pair] of Object.entries(catalogue)) {
    assert.equal(pair.length, 2, name);
    for (const words of pair) assert.ok(words.trim(), name);
    assert.equal(blanks(pair[0]), blanks(pair[1]), name);
  }
});

test('no name is given twice and every name that is used exists', () => {
  const [, own] = sources.find(([name]) => name === 'text.js');
  const names = [...own.slice(own.indexOf('catalogue = {'), own.indexOf('\n};')).matchAll(/(?:^|, |\{ )\s*'?([\w-]+)'?: \[/gm)].map((m) => m[1]);
  assert.equal(new Set(names).size, names.length, names.filter((n, i) => names.indexOf(n) !== i).join());
  assert.equal(names.length, Object.keys(catalogue).length);
  const html = readFileSync(new URL('index.html', folder), 'utf8');
  const used = [...html.matchAll(/data-(?:text|title)="(\w+)"/g), ...sources.flatMap(([, source]) => [...source.matchAll(/\btext\('(\w+)'/g)])].map((m) => m[1]);
  assert.deepEqual([...new Set(used)].filter((name) => !(name in catalogue)), []);
});

test('nothing but the catalogue holds Chinese words, and nothing makes markup of text', () => {
  for (const [name, source] of sources) {
    const code = source.replace(/^\s*\/\/.*$/gm, '');
    if (name !== 'text.js') assert.doesNotMatch(code.replace(/placeholder: '豫[^']*'|[，（）：·]/g, ''), /[\u4e00-\u9fff]/, name);
    assert.doesNotMatch(code, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/, name);
  }
});
