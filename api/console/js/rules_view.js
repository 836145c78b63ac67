// Rules: what is in force, waiting or over, in lists and on the map at a moment; drawn, submitted, approved and lifted here.
import { CheckpointEditor } from './checkpoint_editor.js';
import { ClosureEditor } from './closure_editor.js';
import { $, fill, h, select } from './dom.js';
import { ImportView } from './import_view.js';
import { NoticeView } from './notice_view.js';
import { RuleDetail } from './rule_detail.js';
import { aborted, getJson, Latest, offers, pages, Problem, session } from './service.js';
import { hatch } from './style.js';
import { formatMoment, language, text } from './text.js';
import { Timeline } from './timeline.js';
import { ZoneEditor } from './zone_editor.js';

const KINDS = ['zones', 'closures', 'checkpoints'];
const STATES = { zones: ['draft', 'submitted', 'approved', 'lifted', 'rejected'], closures: ['draft', 'submitted', 'approved', 'lifted', 'rejected'], checkpoints: ['draft', 'submitted', 'active', 'closed', 'rejected'] };
const SHOWN = 200;

export class RulesView {
  constructor({ map, link, question, types }) {
    Object.assign(this, { map, link, question, types });
    this.root = $('view-rules');
    this.kind = 'zones';
    this.filter = { state: '', what: '', county: '', words: '' };
    this.at = null;
    this.layers = { zones: [], closures: [], checkpoints: [] };
    this.register = null; // features with their life, for those who are signed in
    this.classes = [];
    this.counties = [];
    this.latest = new Latest();
    this.timeline = new Timeline($('timeline'), (at) => { this.at = at; this.refresh(); });
    map.onRule = (layer, id) => this.open({ checkpoint: 'checkpoints', closure: 'closures' }[layer] || 'zones', id);
  }

  // ---- from outside ---------------------------------------------------------------------------------------

  relabel() {
    this.timeline.draw();
    if (!this.editor && !this.detail) this.drawList();
  }

  read(params) {
    if ([...KINDS, 'notices'].includes(params.get('kind'))) this.kind = params.get('kind');
    if (params.get('id')) this.open(this.kind, params.get('id'));
    else { this.detail = null; this.drawList(); }
  }

  enter() {
    $('timeline').hidden = false;
    this.map.showRoute(Boolean(this.editor));
    if (!this.detail && !this.editor) this.drawList();
    this.loadRegister();
  }

  leave() {
    $('timeline').hidden = true;
    this.editor?.close();
    this.map.set('chosen', { type: 'FeatureCollection', features: [] });
    this.map.set('drafts', { type: 'FeatureCollection', features: [] });
    this.map.showRoute(true);
    if (this.at) { this.timeline.range.value = 0; this.timeline.put(0); }
  }

  sessionChanged() {
    this.register = null;
    if (!session.who) { this.editor?.close(); this.detail = null; }
    this.loadRegister();
    if (!this.editor) this.detail ? this.detail.show() : this.drawList();
  }

  async rulesChanged() {
    await this.refresh().catch(() => {});
    if (!$('view-rules').hidden) await this.loadRegister();
  }

  // ---- reading --------------------------------------------------------------------------------------------

  async refresh() {
    try {
      this.layers = await this.map.loadRules(this.at, this.latest.start());
    } catch (failure) {
      if (aborted(failure)) return;
      throw failure;
    }
    if (!this.editor && !this.detail) this.drawRows();
  }

  async loadVocabulary() {
    if (this.classes.length) return;
    const [classes, counties] = await Promise.all([getJson('/v1/zone-classes'), getJson('/v1/jurisdictions')]);
    this.classes = classes.items;
    this.counties = counties.items;
  }

  async loadRegister() {
    if (this.kind === 'notices') return;
    try {
      await this.loadVocabulary();
      if (session.may('officer', 'planner', 'approver')) {
        const { features, whole } = await pages(`/v1/${this.kind}?limit=500`);
        this.register = { kind: this.kind, features, whole };
        const drafts = features.filter((f) => f.geometry && ['draft', 'submitted', 'rejected'].includes(f.life.state));
        this.map.set('drafts', { type: 'FeatureCollection', features: $('view-rules').hidden ? [] : drafts.map((f) => ({ type: 'Feature', geometry: f.geometry, properties: { id: f.id, name: f.properties.name, state: f.life.state } })) });
      }
      this.failure = null;
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      this.failure = failure;
    }
    if (!this.editor && !this.detail) this.drawList();
  }

  // One shape for the public layer and the register.
  entries() {
    const inForce = new Map(this.layers[this.kind]?.map((f) => [f.id, f.properties]));
    const known = this.register?.kind === this.kind;
    const features = known ? this.register.features : this.layers[this.kind] || [];
    return features.map((f) => {
      const p = f.properties, now = inForce.get(f.id);
      const rule = now?.rule || (p.rules?.find((r) => !r.subject) || p.rules?.[0])?.rule || p.rule;
      const on = this.kind === 'checkpoints' ? now?.open : now?.in_force;
      const county = this.counties.find((c) => c.code === p.jurisdiction || c.name_zh === p.county);
      return { id: f.id, name: p.name, rule, what: this.kind === 'zones' ? p.class : this.kind === 'closures' ? p.action : p.kind || '', county: county?.code || '', countyName: (language() === 'en' && county?.name_en) || county?.name_zh || p.county || '',
        state: f.life?.state || (this.kind === 'checkpoints' ? 'active' : 'approved'), on: Boolean(on), until: p.until ?? p.effective_until, properties: p };
    });
  }

  chosen() {
    const { state, what, county, words } = this.filter;
    return this.entries().filter((e) => (!state || e.state === state) && (!what || e.what === what) && (!county || e.county === county) && (!words || e.name.toLowerCase().includes(words.toLowerCase())))
      .sort((a, b) => (b.state === 'submitted') - (a.state === 'submitted') || b.on - a.on || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
  }

  // ---- the list -------------------------------------------------------------------------------------------

  drawList() {
    const tab = (kind) => h('button', { type: 'button', id: `kind-${kind}`, 'aria-pressed': String(this.kind === kind), onclick: () => this.choose(kind) }, text(`kind_of_${kind}`));
    const head = [h('h2', {}, text('rules_title')), h('div', { class: 'segments', role: 'group', 'aria-label': text('rules_title') }, [...KINDS, 'notices'].map(tab))];
    const box = h('div', { class: 'stack' });
    fill(this.root, h('div', { class: 'stack' }, head, box));
    this.link(new URLSearchParams({ kind: this.kind }));
    if (this.kind === 'notices') {
      this.notices ??= new NoticeView(box, { open: (kind, id) => this.open(kind, id), changed: () => this.refresh() });
      this.notices.root = box;
      return void this.notices.show();
    }
    const put = (name) => (e) => { this.filter[name] = e.target.value; this.drawRows(); };
    const entries = this.entries();
    const whats = [...new Set(entries.map((e) => e.what))].filter(Boolean).sort();
    const whatName = (code) => (this.kind === 'zones' ? (() => { const k = this.classes.find((c) => c.code === code); return k ? `${code} ${language() === 'zh' ? k.name_zh : k.name_en}` : code; })() : text(`action_${code}`, {}, text(`kind_${code}`, {}, code)));
    const counties = this.counties.filter((c) => c.level === 'county');
    this.rows = h('ul', { class: 'rows', id: 'rules' });
    this.count = h('p', { class: 'hint', role: 'status' });
    fill(box,
      this.kind === 'zones' && session.may('planner') ? h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', id: 'new-zone', onclick: () => this.edit(null) }, text('new_zone')),
        h('button', { type: 'button', class: 'quiet', id: 'import-zones-file', onclick: () => this.importZones() }, text('import_zones'))) : null,
      this.kind === 'closures' && session.may('planner', 'officer') ? h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', id: 'new-closure', onclick: () => this.newClosure() }, text('new_closure'))) : null,
      this.kind === 'checkpoints' && session.may('planner') ? h('div', { class: 'actions' }, h('button', { type: 'button', class: 'primary', id: 'new-checkpoint', onclick: () => this.editCheckpoint(null) }, text('new_checkpoint'))) : null,
      session.who ? null : h('p', { class: 'hint' }, text('rules_hint')),
      h('input', { id: 'rules-words', type: 'search', value: this.filter.words, placeholder: text('filter_words'), 'aria-label': text('filter_words'), oninput: put('words') }),
      h('div', { class: 'grid3' },
        select([['', text('all_states')], ...STATES[this.kind].map((s) => [s, text(`state_${s}`)])], this.filter.state, { id: 'rules-state', 'aria-label': text('state'), onchange: put('state') }),
        select([['', text('all_classes')], ...whats.map((w) => [w, whatName(w)])], this.filter.what, { id: 'rules-what', 'aria-label': text('class'), onchange: put('what') }),
        select([['', text('all_counties')], ...counties.map((c) => [c.code, language() === 'zh' ? c.name_zh : c.name_en || c.name_zh])], this.filter.county, { id: 'rules-county', 'aria-label': text('county'), onchange: put('county') })),
      this.failure ? h('p', { class: 'bad', role: 'alert' }, this.failure.message) : null, this.count, this.rows, this.downloads());
    this.drawRows();
  }

  // The whole layer to take away, where the service makes files.
  downloads() {
    const box = h('p', { class: 'hint', id: 'downloads' });
    const kind = this.kind;
    offers('/v1/export/{file}').then((yes) => {
      if (yes) fill(box, text('download_layer'), ' ', ['geojson', 'kml', 'gpkg', 'shp.zip', 'csv'].flatMap((form) => [h('a', { href: `/v1/export/${kind}.${form}`, download: `${kind}.${form}` }, form), ' ']));
    });
    return box;
  }

  choose(kind) {
    this.kind = kind;
    this.filter = { state: '', what: '', county: '', words: '' };
    this.drawList();
    this.root.querySelector(`#kind-${kind}`).focus();
    this.loadRegister();
  }

  drawRows() {
    if (!this.rows) return;
    const entries = this.chosen();
    this.count.textContent = [text('count_of', { n: entries.length, on: entries.filter((e) => e.on).length, at: this.at ? formatMoment(this.at) : text('now') }),
      this.register?.whole === false ? text('not_all') : '', entries.length > SHOWN ? text('first_shown', { n: SHOWN }) : ''].filter(Boolean).join(' · ');
    fill(this.rows, entries.slice(0, SHOWN).map((e) => this.row(e)));
  }

  row(e) {
    const sign = e.rule ? hatch(e.rule, 16, 1) : h('span', { class: `sign ${this.kind === 'checkpoints' ? 'checkpoint' : 'closure'}` });
    let swatch = sign;
    if (e.rule) {
      swatch = h('canvas', { width: 24, height: 18, class: 'swatch', 'aria-hidden': 'true' });
      const c = swatch.getContext('2d');
      c.fillStyle = c.createPattern(sign, 'repeat');
      c.fillRect(0, 0, 24, 18);
    }
    const about = [e.rule ? text(e.rule) : text(`action_${e.what}`, {}, ''), e.countyName, e.until ? text('until_moment', { t: formatMoment(e.until) }) : ''].filter(Boolean).join(' · ');
    const binds = e.state === 'approved' || e.state === 'active';
    return h('li', {}, h('button', { type: 'button', class: 'row', onclick: () => this.open(this.kind, e.id) }, swatch, h('b', {}, e.name),
      h('span', { class: `pill ${binds && e.on ? 'on' : e.state === 'submitted' ? 'wait' : ''}` }, binds ? text(this.kind === 'checkpoints' ? (e.on ? 'open_now' : 'closed_now') : e.on ? 'in_force' : 'not_in_force') : text(`state_${e.state}`)),
      h('small', {}, about)));
  }

  // ---- one ------------------------------------------------------------------------------------------------

  open(kind, id) {
    if (this.editor) return;
    this.kind = kind;
    this.link(new URLSearchParams({ kind, id }));
    this.detail = new RuleDetail(this.page(), { map: this.map, kind, id, counties: this.counties, names: this.names(), back: () => this.toList(), edit: (f) => (kind === 'checkpoints' ? this.editCheckpoint(f) : this.edit(f)),
      changed: async () => { await this.refresh(); await this.loadRegister(); if (this.detail) await this.detail.show(); } });
    this.loadVocabulary().then(() => { if (this.detail) { this.detail.counties = this.counties; return this.detail.show(); } return null; });
  }

  names() {
    return { zones: new Map((this.layers.zones || []).map((f) => [f.id, f.properties.name])), types: new Map(this.types().map((type) => [type.code, language() === 'zh' ? type.name_zh : type.name_en])) };
  }

  page() {
    const page = h('div', { class: 'stack' });
    fill(this.root, page);
    return page;
  }

  toList() {
    this.detail = null;
    this.map.set('chosen', { type: 'FeatureCollection', features: [] });
    this.drawList();
    this.root.querySelector(`#kind-${this.kind}`)?.focus();
  }

  leaveList() {
    this.detail = null;
    this.map.set('chosen', { type: 'FeatureCollection', features: [] });
  }

  async edited(kind, stored) {
    this.editor = null;
    this.map.showRoute($('view-rules').hidden);
    if (stored) this.open(kind, stored.id);
    else this.drawList();
    await this.loadRegister();
  }

  async edit(feature) {
    await this.loadVocabulary();
    this.leaveList();
    this.map.showRoute(true);
    this.editor = new ZoneEditor(this.page(), { map: this.map, classes: this.classes, counties: this.counties.filter((c) => c.level !== 'province'), question: this.question, feature,
      done: (stored) => this.edited('zones', stored) });
    this.root.querySelector('#zone-name').focus();
  }

  async importZones() {
    await this.loadVocabulary();
    this.leaveList();
    this.editor = new ImportView(this.page(), { map: this.map, classes: this.classes, done: (made) => { if (made) this.filter = { state: 'draft', what: '', county: '', words: '' }; return this.edited('zones', null); } });
    this.root.querySelector('#import-file').focus();
  }

  async editCheckpoint(feature) {
    await this.loadVocabulary();
    this.leaveList();
    const gated = (this.layers.zones || []).filter((f) => f.properties.rules?.some((rule) => rule.rule === 'gated'));
    this.editor = new CheckpointEditor(this.page(), { map: this.map, types: this.types(), zones: gated.map((f) => ({ id: f.id, name: f.properties.name })), counties: this.counties.filter((c) => c.level !== 'province'), feature,
      done: (stored) => this.edited('checkpoints', stored) });
    this.root.querySelector('#checkpoint-name').focus();
  }

  // Stations come in the order of their road's name and then their own; which lies behind which the service knows.
  newClosure() {
    const stations = (this.map.data.facilities?.features || []).filter((f) => f.properties.kind === 'toll_station').map((f) => {
      const [route, ...name] = f.properties.name.split(' ');
      return { route, name: name.join(' ') };
    });
    this.leaveList();
    this.editor = new ClosureEditor(this.page(), { map: this.map, stations, done: (stored) => this.edited('closures', stored) });
    this.root.querySelector('#closure-route').focus();
  }
}
