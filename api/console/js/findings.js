// What a dry run finds, in words and where it is: errors first, and each with a place can be gone to.
import { h } from './dom.js';
import { text } from './text.js';

const ORDER = { error: 0, warning: 1, info: 2 };
const somewhere = (geometry) => geometry.coordinates.flat(Infinity).slice(0, 2);

export function markFindings(findings, map) {
  map.set('lint', { type: 'FeatureCollection', features: findings.filter((f) => f.place).map((f) => ({ type: 'Feature', geometry: f.place, properties: {} })) });
}

export function findingItem(f, map) {
  return h('li', {}, h('span', { class: `tag ${f.severity}` }, text(`severity_${f.severity}`)),
    f.place ? h('button', { type: 'button', class: 'link', onclick: () => map.fly(somewhere(f.place)) }, f.message) : h('span', {}, f.message));
}

export const gravest = (findings) => [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);

export function findingsView(findings, map) {
  markFindings(findings, map);
  return [h('strong', {}, text('findings')), h('ul', { class: 'facts' }, gravest(findings).map((f) => findingItem(f, map))),
  findings.some((f) => f.severity === 'error') ? null : h('p', { class: 'hint' }, text('no_errors'))];
}
