// Making or changing a checkpoint: where it stands, what it asks for and which zones it opens. It is put down with a click and
// moved by dragging or by its coordinates; the service judges each change. Nothing is stored until asked.
import { check, debounce, field, fill, h, select, toast } from './dom.js';
import { findingsView } from './findings.js';
import { fromWallClock, wallClock } from './question.js';
import { pairText, parsePair } from './search_box.js';
import { aborted, Latest, postJson, Problem, putJson } from './service.js';
import { language, text } from './text.js';

const KINDS = ['police', 'epidemic', 'animal_quarantine', 'overload', 'factory_gate', 'customs', 'weather', 'emission', 'temporary'];
const PLACEMENTS = ['trunk_road', 'county_road', 'toll_plaza_outside', 'expressway_main', 'village_entry', 'facility_gate', 'port_gate', 'service_area'];
const HOUR_S = 3600;

export class CheckpointEditor {
  // types: credential types; zones: [{id, name}] that are entered through gates; feature: what is changed, or null; done(feature or null)
  constructor(root, { map, types, zones, counties, feature, done }) {
    Object.assign(this, { root, map, types, counties, feature, done });
    const p = feature?.properties || {}, groups = p.requirements || [], opening = p.opening?.[0];
    const known = new Map([...zones, ...(p.gates || []).map((g) => ({ id: g.zone, name: g.zone }))].reverse().map((z) => [z.id, z.name]));
    this.zones = [...known].map(([id, name]) => ({ id, name })).sort((a, b) => (a.name < b.name ? -1 : 1));
    this.at = feature?.geometry.coordinates || null;
    this.value = { name: p.name || '', kind: p.kind || 'police', placement: p.placement || 'trunk_road', road: p.road || '', normal_s: p.normal_s ?? 120, green_s: p.green_s ?? 30, capacity_h: p.capacity_h ?? '',
      from: wallClock(p.from ? Date.parse(p.from) : Date.now()), until: p.until ? wallClock(Date.parse(p.until)) : '', opens: opening?.from || '', closes: opening?.until || '',
      jurisdiction: p.jurisdiction || '', authority: p.authority || '' };
    this.asked = new Map((groups[0] || []).map((r) => [r.type, r.max_age_s || 0]));
    this.alternatives = groups.length > 1; // more than this form can say: they stay as they are
    this.hoursKept = p.opening?.length > 1 || Boolean(opening && Object.keys(opening).some((k) => k !== 'from' && k !== 'until'));
    this.green = new Set(p.green_credentials || []);
    this.gates = new Map((p.gates || []).map((g) => [g.zone, g]));
    this.latest = new Latest();
    this.judge = debounce(() => this.dryRun(), 250);
    this.build();
    map.placing((at) => this.put(at), this.at);
    this.judge();
  }

  close(result = null) {
    this.latest.stop();
    this.judge.cancel();
    this.map.placing(null);
    this.map.set('lint', { type: 'FeatureCollection', features: [] });
    this.done(result);
  }

  put(at, typed = false) {
    this.at = at;
    if (!typed) this.place.value = pairText(at);
    this.place.removeAttribute('aria-invalid');
    this.map.placing((to) => this.put(to), at);
    this.judge();
  }

  typed(value) {
    const at = parsePair(value);
    this.place.toggleAttribute('aria-invalid', !at);
    if (!at) return void this.place.setAttribute('aria-invalid', 'true');
    this.put(at, true);
    this.map.fly(at);
  }

  // ---- the form -----------------------------------------------------------------------------------------------

  build() {
    const v = this.value;
    const put = (name) => (e) => { v[name] = e.target.value; this.judge(); };
    const type = (name, props = {}) => h('input', { id: `checkpoint-${name}`, value: v[name], oninput: put(name), ...props });
    const pick = (name, options) => select(options, v[name], { id: `checkpoint-${name}`, onchange: put(name) });
    const number = (name, max) => type(name, { type: 'number', min: name === 'capacity_h' ? 1 : 0, max });
    this.place = h('input', { id: 'checkpoint-place', value: this.at ? pairText(this.at) : '', placeholder: text('lon_lat'), onchange: (e) => this.typed(e.target.value) });
    this.findings = h('section', { id: 'findings', class: 'stack', 'aria-live': 'polite', 'aria-label': text('findings') });
    this.save = h('button', { type: 'submit', class: 'primary', id: 'checkpoint-save' }, text('save_draft'));
    fill(this.root, h('form', { class: 'stack', onsubmit: (e) => { e.preventDefault(); this.store(); } },
      h('h2', {}, text(this.feature ? 'edit_checkpoint' : 'new_checkpoint')), h('p', { class: 'hint' }, text('checkpoint_hint')),
      h('div', { class: 'pair' }, field(text('name'), type('name', { required: true, maxLength: 200 })), field(text('place_of'), this.place)),
      h('div', { class: 'pair' }, field(text('kind_of'), pick('kind', KINDS.map((k) => [k, text(`checkpoint_${k}`)]))), field(text('stands'), pick('placement', PLACEMENTS.map((k) => [k, text(`stands_${k}`)])))),
      h('div', { class: 'pair' }, field(text('road'), type('road', { placeholder: 'G312' })),
        field(text('county'), pick('jurisdiction', [['', text('county_none')], ...this.counties.map((c) => [c.code, language() === 'zh' ? c.name_zh : c.name_en || c.name_zh])]))),
      h('div', { class: 'grid3' }, field(text('inspection_s'), number('normal_s', 86400)), field(text('green_of_s'), number('green_s', 86400)), field(text('capacity_of'), number('capacity_h', 100000))),
      this.hoursKept ? h('p', { class: 'hint' }, text('hours_kept')) : h('div', { class: 'pair' }, field(text('hours_from'), type('opens', { type: 'time' })), field(text('hours_until'), type('closes', { type: 'time' }))),
      h('div', { class: 'pair' }, field(text('from'), type('from', { type: 'datetime-local' })), field(text('until'), type('until', { type: 'datetime-local' }))),
      this.gateRows(), this.typeRows(), field(text('authority'), type('authority')),
      h('div', { class: 'dock' }, this.findings,
        h('div', { class: 'actions' }, this.save, h('button', { type: 'button', class: 'quiet', id: 'checkpoint-cancel', onclick: () => this.close() }, text('cancel'))))));
  }

  gateRows() {
    const row = (zone) => {
      const gate = this.gates.get(zone.id);
      const way = select(['both', 'enter', 'exit'].map((d) => [d, text(`gate_${d}_only`)]), gate?.direction || 'both', { 'aria-label': `${zone.name} ${text('direction')}`, disabled: !gate,
        onchange: (e) => { this.gates.get(zone.id).direction = e.target.value; this.judge(); } });
      return h('div', { class: 'call' }, h('span', { class: 'search' }, check(zone.name, { checked: Boolean(gate), value: zone.id, onchange: (e) => {
        if (e.target.checked) this.gates.set(zone.id, { zone: zone.id, direction: way.value });
        else this.gates.delete(zone.id);
        way.disabled = !e.target.checked;
        this.judge();
      } })), h('span', { class: 'way' }, way));
    };
    return h('fieldset', { id: 'checkpoint-gates' }, h('legend', {}, text('gates_of')), this.zones.length ? this.zones.map(row) : h('p', { class: 'hint' }, text('no_gated_zone')));
  }

  typeRows() {
    const row = (type) => {
      const name = language() === 'zh' ? type.name_zh : type.name_en, asked = this.asked.has(type.code);
      const hours = h('input', { type: 'number', min: 0, max: 87600, class: 'stay', value: asked && this.asked.get(type.code) ? this.asked.get(type.code) / HOUR_S : '', disabled: !asked, 'aria-label': `${name} ${text('age_h')}`,
        placeholder: text('any_age'), oninput: (e) => { this.asked.set(type.code, Math.round((Number(e.target.value) || 0) * HOUR_S)); this.judge(); } });
      return h('tr', {}, h('th', { scope: 'row' }, name),
        h('td', {}, h('input', { type: 'checkbox', checked: asked, disabled: this.alternatives, 'aria-label': `${name} ${text('asked_for')}`, onchange: (e) => {
          if (e.target.checked) this.asked.set(type.code, type.max_age_s || 0);
          else this.asked.delete(type.code);
          hours.disabled = !e.target.checked;
          hours.value = e.target.checked && type.max_age_s ? type.max_age_s / HOUR_S : '';
          this.judge();
        } })), h('td', {}, hours),
        h('td', {}, h('input', { type: 'checkbox', checked: this.green.has(type.code), 'aria-label': `${name} ${text('green_channel')}`, onchange: (e) => {
          if (e.target.checked) this.green.add(type.code);
          else this.green.delete(type.code);
          this.judge();
        } })));
    };
    return h('details', { class: 'more', id: 'checkpoint-types', open: this.asked.size > 0 }, h('summary', {}, text('credentials_asked')), this.alternatives ? h('p', { class: 'hint' }, text('alternatives_kept')) : null,
      h('table', {}, h('thead', {}, h('tr', {}, ['credential', 'asked_for', 'age_h', 'green_channel'].map((name) => h('th', { scope: 'col' }, text(name))))), h('tbody', {}, this.types.map(row))));
  }

  // ---- the service --------------------------------------------------------------------------------------------

  document() {
    const v = this.value, before = this.feature?.properties || {};
    const kept = Object.fromEntries(['bearing_deg', 'reach_m', 'lanes', 'green_lanes', 'note'].filter((name) => before[name] !== null && before[name] !== undefined).map((name) => [name, before[name]]));
    const properties = { ...kept, name: v.name.trim() || text('unnamed'), kind: v.kind, placement: v.placement, normal_s: Number(v.normal_s) || 0, green_s: Number(v.green_s) || 0,
      requirements: this.alternatives ? before.requirements : this.asked.size ? [[...this.asked].map(([type, age]) => ({ type, ...(age ? { max_age_s: age } : {}) }))] : [],
      green_credentials: [...this.green], gates: [...this.gates.values()] };
    if (v.capacity_h) properties.capacity_h = Number(v.capacity_h);
    if (this.hoursKept) properties.opening = before.opening;
    else if (v.opens || v.closes) properties.opening = [{ from: v.opens || '00:00', until: v.closes && v.closes !== '00:00' ? v.closes : '24:00' }];
    if (v.from) properties.from = fromWallClock(v.from);
    if (v.until) properties.until = fromWallClock(v.until);
    for (const name of ['road', 'jurisdiction', 'authority']) if (v[name].trim()) properties[name] = v[name].trim();
    return { type: 'Feature', geometry: { type: 'Point', coordinates: this.at.map((n) => Number(n.toFixed(7))) }, properties };
  }

  send(query = '', headers = {}, options = {}) {
    return this.feature ? putJson(`/v1/checkpoints/${encodeURIComponent(this.feature.id)}${query}`, this.document(), { headers, ...options }) : postJson(`/v1/checkpoints${query}`, this.document(), options);
  }

  async dryRun() {
    this.save.disabled = !this.at;
    if (!this.at) return void fill(this.findings, h('p', { class: 'hint' }, text('place_first')));
    try {
      const answer = await this.send('?dry_run=true', {}, { signal: this.latest.start() });
      this.save.disabled = answer.would_be === null;
      fill(this.findings, findingsView(answer.findings, this.map));
    } catch (failure) {
      if (aborted(failure)) return;
      if (!(failure instanceof Problem)) throw failure;
      fill(this.findings, h('p', { class: 'bad' }, failure.message));
    }
  }

  async store() {
    if (!this.at) return;
    this.save.disabled = true;
    try {
      const feature = await this.send('', { 'If-Match': this.feature?.etag });
      toast(text('draft_saved', { name: feature.properties.name }));
      this.close(feature);
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      fill(this.findings, h('p', { class: 'bad', role: 'alert' }, failure.message));
      this.save.disabled = false;
    }
  }
}
