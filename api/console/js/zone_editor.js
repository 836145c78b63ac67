// Making or changing a zone: the area on the map, its properties, and at every step what the service finds: lint marks where
// they are, the route of the moment under the new rule, and kept plans that it would touch. Nothing is stored until asked.
import { $, debounce, field, fill, h, select, toast } from './dom.js';
import { Draw, geometryOf, polygonsOf, readArea } from './draw.js';
import { findingsView } from './findings.js';
import { Follow } from './follow.js';
import { complete, fromWallClock, requestOf, wallClock } from './question.js';
import { aborted, Latest, planRoute, postJson, Problem, putJson } from './service.js';
import { RULES } from './style.js';
import { formatDuration, formatKm, language, text } from './text.js';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

export class ZoneEditor {
  // feature: what is changed, or null for a new one; done(feature or null)
  constructor(root, { map, classes, counties, question, feature, done }) {
    Object.assign(this, { root, map, classes, counties, question, feature, done });
    const p = feature?.properties || {};
    const window = p.windows?.[0];
    this.value = { class: p.class || 'FL-CUT', name: p.name || '', rule: p.rules?.length === 1 && Object.keys(p.rules[0]).length === 1 ? p.rules[0].rule : p.rules ? 'kept' : '',
      rules: p.rules, from: p.from ? wallClock(Date.parse(p.from)) : wallClock(Date.now()), until: p.until ? wallClock(Date.parse(p.until)) : '', jurisdiction: p.jurisdiction || '',
      authority: p.authority || '', note: p.note || '', accuracy_m: p.accuracy_m || 0, hours: window ? { from: window.from || '00:00', until: window.until || '24:00', weekdays: window.weekdays || WEEKDAYS } : null,
      windows: p.windows };
    this.latest = new Latest();
    this.preview = new Latest();
    this.draw = new Draw(map, (geometry, finished) => this.areaChanged(geometry, finished));
    this.judge = debounce(() => this.dryRun(), 250);
    this.dragged = new Latest();
    this.follow = new Follow((geometry) => this.routeAround(geometry));
    this.before = null; // the route without the zone, while a vertex is dragged
    this.build();
    this.draw.start(feature?.geometry);
    this.tools();
    if (feature) this.areaChanged(feature.geometry, true);
  }

  close(result = null) {
    this.latest.stop();
    this.preview.stop();
    this.dragged.stop();
    this.follow.stop();
    this.judge.cancel();
    this.draw.stop();
    fill($('map-tools'));
    this.map.set('lint', { type: 'FeatureCollection', features: [] });
    this.map.showCompared(null);
    this.done(result);
  }

  // ---- the form -----------------------------------------------------------------------------------------------

  input(name, props = {}) {
    return h('input', { id: `zone-${name}`, value: this.value[name] ?? '', oninput: (e) => { this.value[name] = e.target.value; this.judge(); }, ...props });
  }

  build() {
    const v = this.value;
    const className = (k) => `${k.code} ${language() === 'zh' ? k.name_zh : k.name_en}${k.enabled ? '' : ` (${text('class_off')})`}`;
    const put = (name) => (e) => { v[name] = e.target.value; this.judge(); };
    this.coordinates = h('textarea', { id: 'zone-coordinates', rows: 6, spellcheck: false, onchange: (e) => this.typed(e.target.value) });
    this.file = h('input', { id: 'zone-file', type: 'file', accept: '.geojson,.json,application/geo+json', onchange: (e) => this.load(e.target.files[0]) });
    this.findings = h('section', { id: 'findings', class: 'stack', 'aria-live': 'polite', 'aria-label': text('findings') });
    this.effects = h('section', { id: 'effects', class: 'stack', 'aria-live': 'polite' });
    this.save = h('button', { type: 'submit', class: 'primary', id: 'zone-save' }, text('save_draft'));
    fill(this.root, h('form', { class: 'stack', onsubmit: (e) => { e.preventDefault(); this.store(); } },
      h('h2', {}, text(this.feature ? 'edit_zone' : 'new_zone')), h('p', { class: 'hint' }, text('draw_hint')),
      field(text('name'), this.input('name', { required: true, maxLength: 200 })),
      field(text('class'), select(this.classes.map((k) => [k.code, className(k)]), v.class, { id: 'zone-class', onchange: put('class') })),
      h('div', { class: 'pair' },
        field(text('rule'), select([['', text('rule_of_class')], ...(v.rule === 'kept' ? [['kept', text('rule_kept')]] : []), ...RULES.map((r) => [r, text(r)])], v.rule, { id: 'zone-rule', onchange: put('rule') })),
        field(text('county'), select([['', text('county_none')], ...this.counties.map((c) => [c.code, language() === 'zh' ? c.name_zh : c.name_en || c.name_zh])], v.jurisdiction,
          { id: 'zone-county', onchange: put('jurisdiction') }))),
      h('div', { class: 'pair' }, field(text('from'), this.input('from', { type: 'datetime-local' })), field(text('until'), this.input('until', { type: 'datetime-local' }))),
      this.hours(),
      h('div', { class: 'pair' }, field(text('authority'), this.input('authority')), field(text('accuracy'), this.input('accuracy_m', { type: 'number', min: 0, max: 1000 }))),
      field(text('note'), this.input('note')),
      h('details', { class: 'more' }, h('summary', {}, text('area_as_text')), h('div', { class: 'stack' }, field(text('coordinates'), this.coordinates, text('coordinates_hint')))),
      field(text('import_file'), this.file),
      h('div', { class: 'dock' }, this.findings, this.effects,
        h('div', { class: 'actions' }, this.save, h('button', { type: 'button', class: 'quiet', id: 'zone-cancel', onclick: () => this.close() }, text('cancel'))))));
  }

  hours() {
    const v = this.value;
    const box = h('div', { class: 'stack' });
    const redraw = () => {
      const on = Boolean(v.hours);
      fill(box, h('label', { class: 'check' }, h('input', { type: 'checkbox', id: 'zone-hours', checked: on, onchange: (e) => {
        v.hours = e.target.checked ? { from: '07:00', until: '21:00', weekdays: [...WEEKDAYS] } : null;
        v.windows = null;
        redraw();
        this.judge();
      } }), h('span', {}, text('only_hours'))), on ? [
        h('div', { class: 'pair' }, ['from', 'until'].map((side) => field(text(`hours_${side}`), h('input', { type: 'time', value: v.hours[side] === '24:00' ? '00:00' : v.hours[side],
          onchange: (e) => { v.hours[side] = e.target.value; v.windows = null; this.judge(); } })))),
        h('div', { class: 'checks', role: 'group', 'aria-label': text('weekdays') }, WEEKDAYS.map((day) => h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: v.hours.weekdays.includes(day),
          onchange: (e) => { v.hours.weekdays = WEEKDAYS.filter((d) => (d === day ? e.target.checked : v.hours.weekdays.includes(d))); v.windows = null; this.judge(); } }), h('span', {}, text(`day_${day}`)))))] : null);
    };
    redraw();
    return box;
  }

  tools() {
    const tool = (label, work, id) => h('button', { type: 'button', class: 'quiet small', id, onclick: work }, label);
    fill($('map-tools'), h('span', {}, text('drawing')), tool(text('finish_ring'), () => this.draw.close(), 'draw-close'), tool(text('remove_vertex'), () => this.draw.removeChosen(), 'draw-remove'),
      tool(text('add_part'), () => this.draw.addPart(), 'draw-part'), tool(text('draw_again'), () => this.draw.set(null), 'draw-again'));
  }

  // ---- the area -----------------------------------------------------------------------------------------------

  areaChanged(geometry, finished) {
    this.geometry = geometry;
    this.preview.stop(); // what it says is of another area
    if (finished) this.settle();
    else if (this.closes() && complete(this.question())) this.follow.want(geometry);
    if (document.activeElement !== this.coordinates) {
      this.coordinates.value = polygonsOf(geometry).map((polygon) => polygon.map((ring) => ring.map((p) => p.map((n) => n.toFixed(6)).join(', ')).join('\n')).join('\n-\n')).join('\n\n');
    }
    this.judge();
  }

  // Lines of "lon, lat"; a line with "-" begins a hole, an empty line another part.
  typed(value) {
    const ring = (part) => part.trim().split('\n').map((line) => line.split(/[,，\s]+/).filter(Boolean).map(Number)).filter((p) => p.length === 2 && p.every(Number.isFinite));
    this.draw.set(geometryOf(value.trim().split(/\n\s*\n/).map((polygon) => polygon.split(/\n\s*-\s*\n/).map(ring))));
  }

  async load(file) {
    if (!file) return;
    try {
      const { geometry, properties, areas } = readArea(await file.text());
      if (!geometry) throw new Error(text('no_area'));
      if (!this.value.name && properties.name) this.root.querySelector('#zone-name').value = this.value.name = String(properties.name);
      this.draw.set(geometry);
      this.map.fitGeometry(geometry);
      toast(text('areas_read', { n: areas }));
    } catch (failure) {
      toast(text('file_unreadable', { why: failure.message }), 'bad');
    }
    this.file.value = '';
  }

  // ---- what the service says ----------------------------------------------------------------------------------

  document() {
    const v = this.value;
    const day = (t) => (t === '00:00' ? '24:00' : t);
    const windows = v.hours ? v.windows || [{ from: v.hours.from, until: day(v.hours.until), ...(v.hours.weekdays.length < 7 ? { weekdays: v.hours.weekdays } : {}) }] : undefined;
    const properties = { class: v.class, name: v.name.trim() || text('unnamed'), accuracy_m: Number(v.accuracy_m) || 0 };
    if (v.rule === 'kept') properties.rules = v.rules;
    else if (v.rule) properties.rules = [{ rule: v.rule }];
    if (v.from) properties.from = fromWallClock(v.from);
    if (v.until) properties.until = fromWallClock(v.until);
    if (windows) properties.windows = windows;
    for (const name of ['jurisdiction', 'authority', 'note']) if (v[name]) properties[name] = v[name];
    return { type: 'Feature', geometry: this.geometry, properties };
  }

  async dryRun() {
    if (!this.geometry) return void fill(this.findings, h('p', { class: 'hint' }, text('area_first')));
    const zone = this.document();
    const signal = this.latest.start();
    this.findings.setAttribute('aria-busy', 'true');
    try {
      const answer = this.feature ? await putJson(`/v1/zones/${encodeURIComponent(this.feature.id)}?dry_run=true`, zone, { signal }) : await postJson('/v1/zones?dry_run=true', zone, { signal });
      this.showFindings(answer.findings, answer.would_be !== null);
      if (answer.would_be !== null) this.foresee(zone);
    } catch (failure) {
      if (aborted(failure)) return;
      if (!(failure instanceof Problem)) throw failure;
      fill(this.findings, h('p', { class: 'bad' }, failure.message));
    } finally {
      if (!signal.aborted) this.findings.removeAttribute('aria-busy');
    }
  }

  showFindings(findings, storable) {
    this.save.disabled = !storable;
    fill(this.findings, findingsView(findings, this.map));
  }

  // Whether it will be closed to everybody at any hour: then the way around it is the same as around an area to keep away from,
  // which is found within a millisecond. What else it may be is judged when the pointer rests.
  closes() {
    const { rule, hours } = this.value;
    const rules = this.classes.find((k) => k.code === this.value.class)?.default_rules || [];
    return !hours && (rule === 'closed' || (rule === '' && rules[0]?.rule === 'closed' && !rules[0].subject && !rules[0].exempt && !rules[0].open_classes));
  }

  async routeAround(geometry) {
    const signal = (this.dragging ||= this.dragged.start());
    const question = requestOf(this.question(), { steps: false, alternatives: 0 });
    this.effects.setAttribute('aria-busy', 'true'); // not read out thirty times a second
    try {
      this.before ||= (await planRoute(question, signal)).plans[0];
      const plan = (await planRoute({ ...question, avoid: { ...question.avoid, polygons: geometry } }, signal)).plans[0];
      this.showRouteThen(plan, { duration_s: plan.duration_s - this.before.duration_s, distance_m: plan.distance_m - this.before.distance_m });
    } catch (failure) {
      if (aborted(failure)) return;
      if (!(failure instanceof Problem)) throw failure;
      if (failure.document.status === 422) this.showRouteThen(null, null, failure.document); // anything else: the pointer will rest
    }
  }

  showRouteThen(plan, difference, problem) {
    this.map.showCompared(plan);
    fill(this.effects, h('strong', {}, text('effects')), this.routeWords(plan, difference, problem));
  }

  settle() {
    this.follow.stop();
    this.dragged.stop();
    this.dragging = this.before = null;
    this.effects.removeAttribute('aria-busy');
  }

  // What it would do to the route in the other view and to plans that are kept, if it were approved as it is.
  async foresee(zone) {
    const signal = this.preview.start();
    const changes = { zones: [zone] };
    const lines = [];
    const show = () => { if (!signal.aborted) fill(this.effects, lines.length ? h('strong', {}, text('effects')) : null, lines); };
    const part = async (work) => {
      try {
        lines.push(await work());
      } catch (failure) {
        if (aborted(failure)) return;
        if (!(failure instanceof Problem)) throw failure;
        lines.push(h('p', { class: 'hint' }, failure.message));
      }
      show();
    };
    if (complete(this.question())) await part(() => this.routeUnder(changes, signal));
    if (!signal.aborted) await part(() => this.plansUnder(changes, signal));
  }

  async routeUnder(changes, signal) {
    const answer = await postJson('/v1/whatif', { route: requestOf(this.question(), { steps: false, alternatives: 0 }), changes }, { signal });
    const then = answer.scenarios[0];
    const plan = then.answer?.plans?.[0];
    this.map.showCompared(plan);
    return this.routeWords(plan, then.difference, then.problem);
  }

  routeWords(plan, difference, problem) {
    if (!plan) return h('p', { class: 'bad', id: 'route-then' }, text('route_then_none', { why: problem?.detail || problem?.title || '' }));
    const { duration_s: t, distance_m: m } = difference || { duration_s: 0, distance_m: 0 };
    if (!t && !m) return h('p', { id: 'route-then' }, text('route_then_same'));
    const sign = (n, words) => (n < 0 ? '−' : '+') + words;
    return h('p', { id: 'route-then' }, text('route_then', { t: sign(t, formatDuration(Math.abs(t))), m: sign(m, formatKm(Math.abs(m))) }));
  }

  async plansUnder(changes, signal) {
    const answer = await postJson('/v1/impact', { changes }, { signal });
    const p = answer.plans;
    const lost = (answer.facilities || []).filter((f) => [...Object.values(f.vehicles), ...Object.values(f.vehicles_back)].includes('cut_off'));
    return [h('p', { id: 'plans-then' }, text('plans_then', { all: p.looked_at, detour: p.detour, broken: p.broken })), this.lanesThen(answer),
      answer.facilities_cut_off ? h('details', { class: 'more' }, h('summary', {}, text('places_then', { n: answer.facilities_cut_off })), h('ul', { class: 'facts' }, lost.slice(0, 50).map((f) => h('li', {},
        h('button', { type: 'button', class: 'link', onclick: () => f.location && this.map.fly(f.location) }, f.name || f.id))))) : null];
  }

  // Lanes of enterprises: those that break first, each with why and a way to look at it.
  lanesThen({ lanes, lanes_affected: hit = [] }) {
    if (!lanes?.looked_at) return null;
    const changed = ({ impact, duration_s: s, why, code }) => (impact === 'detour' ? (s < 0 ? '−' : '+') + formatDuration(Math.abs(s)) : why?.message || code);
    const rank = { broken: 0, detour: 1, opened: 2 };
    const shown = [...hit].sort((a, b) => rank[a.impact] - rank[b.impact]).slice(0, 50);
    return h('details', { class: 'more', id: 'lanes-then' }, h('summary', {}, text('lanes_then', { all: lanes.looked_at, detour: lanes.detour, broken: lanes.broken })), h('ul', { class: 'facts' }, shown.map((lane) => h('li', {},
      h('span', { class: `tag ${{ broken: 'error', detour: 'warning' }[lane.impact] || 'info'}` }, text(`impact_${lane.impact}`)),
      h('button', { type: 'button', class: 'link', onclick: () => this.map.fly(lane.destination) }, lane.name), ` ${changed(lane)}`))));
  }

  // ---- storing ------------------------------------------------------------------------------------------------

  async store() {
    if (!this.geometry) return void toast(text('area_first'), 'warn');
    this.save.disabled = true;
    try {
      const zone = this.document();
      const feature = this.feature ? await putJson(`/v1/zones/${encodeURIComponent(this.feature.id)}`, zone, { headers: { 'If-Match': this.feature.etag } }) : await postJson('/v1/zones', zone);
      toast(text('draft_saved', { name: feature.properties.name }));
      this.close(feature);
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      fill(this.findings, h('p', { class: 'bad', role: 'alert' }, failure.message));
      this.save.disabled = false;
    }
  }
}
