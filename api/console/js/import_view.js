// Zones out of a bureau's own file: chosen, looked at without storing anything (what was understood, on the map and in words, with
// what lint finds of each), then all made as drafts, or none.
import { debounce, field, fill, h, select, toast } from './dom.js';
import { findingItem, gravest, markFindings } from './findings.js';
import { aborted, Latest, postFile, Problem } from './service.js';
import { RULES } from './style.js';
import { language, text } from './text.js';

const TYPES = { zip: 'application/zip', gpkg: 'application/geopackage+sqlite3', geojson: 'application/geo+json', json: 'application/geo+json' };
// 1, 2, 3, 7 as "1–3, 7"
function numbers(list) {
  const runs = [];
  for (const n of list) {
    if (runs.at(-1)?.[1] === n - 1) runs.at(-1)[1] = n;
    else runs.push([n, n]);
  }
  return runs.map(([a, b]) => (a === b ? a : `${a}–${b}`)).join(', ');
}

const NOTHING = { type: 'FeatureCollection', features: [] };

export class ImportView {
  // done(count or null): how many drafts were made
  constructor(root, { map, classes, done }) {
    Object.assign(this, { root, map, classes, done });
    this.value = { class: '', rule: '', name_field: '', class_field: '', layer: '', encoding: '', crs: '' };
    this.latest = new Latest();
    this.look = debounce(() => this.dryRun(), 250);
    this.build();
  }

  close(made = null) {
    this.latest.stop();
    this.look.cancel();
    this.map.set('chosen', NOTHING);
    this.map.set('lint', NOTHING);
    this.done(made);
  }

  build() {
    const v = this.value;
    const put = (name) => (e) => { v[name] = e.target.value.trim(); this.look(); };
    const input = (name) => h('input', { id: `import-${name}`, autocomplete: 'off', spellcheck: false, oninput: put(name) });
    this.input = h('input', { id: 'import-file', type: 'file', accept: '.zip,.gpkg,.geojson,.json', onchange: (e) => this.choose(e.target.files[0]) });
    this.found = h('section', { id: 'import-found', class: 'stack', 'aria-live': 'polite' });
    this.save = h('button', { type: 'submit', class: 'primary', id: 'import-save', disabled: true }, text('save_draft'));
    fill(this.root, h('form', { class: 'stack', onsubmit: (e) => { e.preventDefault(); this.store(); } }, h('h2', {}, text('import_zones')), h('p', { class: 'hint' }, text('import_hint')),
      field(text('import_chosen'), this.input),
      field(text('class'), select([['', text('import_own_class')], ...this.classes.map((k) => [k.code, `${k.code} ${language() === 'zh' ? k.name_zh : k.name_en}${k.enabled ? '' : ` (${text('class_off')})`}`])], v.class, { id: 'import-class', onchange: put('class') })),
      field(text('rule'), select([['', text('rule_of_class')], ...RULES.map((r) => [r, text(r)])], v.rule, { id: 'import-rule', onchange: put('rule') })),
      h('details', { class: 'more' }, h('summary', {}, text('import_more')), h('div', { class: 'stack' },
        h('div', { class: 'pair' }, field(text('import_name_field'), input('name_field')), field(text('import_class_field'), input('class_field'))),
        h('div', { class: 'pair' }, field(text('import_layer'), input('layer')), field(text('import_crs'), input('crs'))),
        field(text('import_encoding'), select([['', text('import_as_said')], ['GBK', 'GBK'], ['UTF-8', 'UTF-8']], '', { id: 'import-encoding', onchange: put('encoding') })))),
      this.found, h('div', { class: 'dock' }, h('div', { class: 'actions' }, this.save, h('button', { type: 'button', class: 'quiet', id: 'import-cancel', onclick: () => this.close() }, text('cancel'))))));
  }

  choose(file) {
    this.file = file || null;
    this.type = file ? TYPES[file.name.split('.').at(-1).toLowerCase()] : null;
    this.dryRun();
  }

  path(dry) {
    const query = new URLSearchParams(Object.entries(this.value).filter(([, value]) => value));
    if (dry) query.set('dry_run', 'true');
    return `/v1/zones/import${[...query].length ? `?${query}` : ''}`;
  }

  nothing(...words) {
    this.save.disabled = true;
    this.save.textContent = text('save_draft');
    this.map.set('chosen', NOTHING);
    this.map.set('lint', NOTHING);
    fill(this.found, words);
  }

  async dryRun() {
    if (!this.file) return void this.nothing();
    if (!this.type) return void this.nothing(h('p', { class: 'bad' }, text('import_type')));
    const signal = this.latest.start();
    this.save.disabled = true;
    this.found.setAttribute('aria-busy', 'true');
    fill(this.found, h('p', { class: 'hint busy' }, text('working')));
    try {
      this.show(await postFile(this.path(true), this.file, this.type, { signal }));
    } catch (failure) {
      if (aborted(failure)) return;
      if (!(failure instanceof Problem)) throw failure;
      this.refused(failure);
    } finally {
      if (!signal.aborted) this.found.removeAttribute('aria-busy');
    }
  }

  show({ count, features, features_left_out: left }) {
    const all = features.flatMap((f) => f.findings);
    const bad = features.filter((f) => f.findings.some((x) => x.severity === 'error')).length;
    const shapes = features.map((f) => ({ type: 'Feature', geometry: f.would_be.geometry, properties: {} }));
    this.map.set('chosen', { type: 'FeatureCollection', features: shapes });
    markFindings(all, this.map);
    this.map.fitGeometry({ coordinates: shapes.map((f) => f.geometry.coordinates) });
    this.save.disabled = false;
    this.save.textContent = text('import_make', { n: count });
    fill(this.found, h('strong', {}, text('import_understood', { n: count, bad })), left ? h('p', { class: 'hint' }, text('import_left', { n: left })) : null, h('ol', { class: 'facts', id: 'import-zones' }, features.map((f) => this.one(f))));
  }

  one({ would_be: zone, findings }) {
    const p = zone.properties, rules = (p.rules || []).map((r) => text(r.rule)).join(', ');
    return h('li', {}, h('div', {}, h('button', { type: 'button', class: 'link', onclick: () => this.map.fitGeometry(zone.geometry) }, p.name), ` ${p.class} ${rules || text('rule_of_class')}`,
      findings.length ? h('ul', { class: 'facts' }, gravest(findings).map((f) => findingItem(f, this.map))) : null));
  }

  refused(problem) {
    const { errors = [], refused = 0 } = problem.document;
    // the same of many areas is said once; places are marked all the same
    const whys = new Map();
    for (const e of errors) whys.set(e.detail, [...(whys.get(e.detail) || []), e]);
    this.nothing(h('p', { class: 'bad', role: 'alert' }, problem.message), errors.length ? h('ul', { class: 'facts', id: 'import-refused' }, [...whys].map(([why, same]) => findingItem({ severity: 'error', place: same[0].place,
      message: text('import_feature', { n: numbers(same.map((e) => e.feature + 1)), why }) }, this.map))) : null, refused > errors.length ? h('p', { class: 'hint' }, text('import_left', { n: refused - errors.length })) : null);
    markFindings(errors, this.map);
  }

  async store() {
    this.save.disabled = true;
    try {
      const { count } = await postFile(this.path(false), this.file, this.type);
      toast(text('import_made', { n: count }));
      this.close(count);
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      this.refused(failure);
    }
  }
}
