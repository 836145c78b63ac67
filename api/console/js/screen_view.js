// One screen: what is in force, what has changed, what is about to, kept plans, gates, and how old all that is.
import { CountyEditor, countyEditorParts } from './county_editor.js';
import { countySwitches } from './county_switch.js';
import { $, fill, h, toast } from './dom.js';
import { planFile } from './plan_file.js';
import { getJson, postJson, Problem, session } from './service.js';
import { RULES } from './style.js';
import { formatDuration, formatKm, formatMoment, formatTime, language, text } from './text.js';

const DAY_MS = 86400e3, HOUR_MS = 3600e3;
const NEAR = 0.8; // of the capacity: a gate worth watching

export class ScreenView {
  constructor({ map, network, link, types }) {
    Object.assign(this, { map, network, link, types });
    this.root = $('view-screen');
    this.news = [];
    this.data = null;
  }

  relabel() { this.draw(); }

  enter() {
    this.map.showRoute(false);
    this.draw();
    this.load();
  }

  leave() {
    this.editor?.close();
    this.map.showRoute(true);
  }

  sessionChanged() {
    if (!session.who) this.editor?.close();
    if (!this.root.hidden) this.load();
  }

  rulesChanged(news) {
    const told = news.events.filter((event) => event.kind === 'rules').map(({ data }) => ({ version: data.rules_version, at: Date.parse(data.committed_at), changed: data.changed || [] }));
    const heard = new Map([...this.news, { version: news.version, at: Date.now(), changed: [] }, ...told].map((n) => [n.version, n]));
    this.news = [...heard.values()].sort((a, b) => b.version - a.version).slice(0, 20);
    if (!this.root.hidden) this.load();
  }

  // Somebody kept a plan, or one broke.
  plansChanged() {
    if (!this.root.hidden && session.who) this.load();
  }

  // Called every few seconds: only the line about age is drawn again, so that nothing jumps. Loads are those of hours of the
  // clock, so the next hour is read when it begins.
  heard(network) {
    if (!this.root.hidden && this.data?.overview?.from && Date.now() >= Date.parse(this.data.overview.from) + HOUR_MS) this.load();
    const age = $('screen-age');
    if (age) age.textContent = this.ageWords(network);
  }

  ageWords(network) {
    return text(network.database_connected ? 'age_connected' : 'age_away', { version: network.rules_version, at: formatMoment(network.as_of), age: formatDuration(network.rules_age_s || 0) });
  }

  async load() {
    if (this.loading) { this.again = true; return; }
    this.loading = true;
    const part = (path) => getJson(path).catch((failure) => { if (failure instanceof Problem) return failure; throw failure; });
    const signedIn = Boolean(session.who);
    const [zones, closures, checkpoints, broken, active, quality, counties, overview, waiting, approved] = await Promise.all([part('/v1/zones'), part('/v1/closures'), part('/v1/checkpoints'),
      signedIn ? part('/v1/plans?state=broken&limit=20') : null, signedIn ? part('/v1/plans?state=active&limit=100') : null,
      session.may('officer', 'planner', 'approver') ? part('/v1/reports/quality') : null, session.may('officer', 'planner', 'approver') ? part('/v1/county-plans') : null, signedIn ? part('/v1/overview') : null,
      session.may('officer', 'planner', 'approver') ? Promise.all(['zones', 'closures', 'checkpoints'].map((kind) => part(`/v1/${kind}?state=submitted&limit=20`))) : null,
      session.may('officer', 'planner', 'approver') ? Promise.all(['zones', 'closures'].map((kind) => part(`/v1/${kind}?state=approved&limit=1000`))) : null]);
    this.data = { zones, closures, checkpoints, broken, active, quality, counties, overview, waiting, approved };
    this.loading = false;
    this.draw();
    if (this.again) { this.again = false; this.load(); }
  }

  draw() {
    if (this.editor) return;
    if (!this.data) return void fill(this.root, h('div', { class: 'stack' }, h('h2', {}, text('screen_title')), h('div', { class: 'skeleton', role: 'status' }, h('span', { class: 'sr' }, text('working')), h('i'), h('i'), h('i'))));
    const failed = ['zones', 'closures', 'checkpoints'].map((name) => this.data[name]).find((answer) => answer instanceof Error);
    fill(this.root, h('div', { class: 'stack' }, h('h2', {}, text('screen_title')), h('p', { class: 'hint', id: 'screen-age', role: 'status' }, this.ageWords(this.network())),
      failed ? h('p', { class: 'bad', role: 'alert' }, failed.message) : [this.figures(), this.changes(), this.waiting(), this.counties(), this.plans(), this.gates(), this.findings()]));
  }

  list(name) { return this.data[name].features; }

  figures() {
    const on = this.list('zones').filter((f) => f.properties.in_force);
    const tile = (n, label, alarm) => h('div', { class: `tile ${alarm && n ? 'alarm' : ''}` }, h('b', {}, String(n)), h('span', {}, label));
    const closures = this.list('closures').filter((f) => f.properties.in_force);
    const gates = this.list('checkpoints');
    const broken = this.data.broken?.plans?.length;
    return [h('div', { class: 'tiles' }, tile(on.length, text('zones_on')), tile(closures.length, text('closures_on')), tile(`${gates.filter((f) => f.properties.open).length}/${gates.length}`, text('gates_open')),
      ...(this.data.active?.plans ? [tile(this.data.active.plans.length, text('plans_active')), tile(broken || 0, text('plans_broken'), true)] : []),
      ...(this.data.waiting ? [tile(this.data.waiting.reduce((n, a) => n + (a.features?.length || 0), 0), text('waiting_n'))] : [])),
    h('p', { class: 'hint' }, RULES.map((rule) => `${text(rule)}\u00a0${on.filter((f) => f.properties.rule === rule).length}`).join(' · '))];
  }

  named({ kind, id }) {
    const known = kind === 'facility' ? this.map.data.facilities : this.data[`${kind}s`];
    return known?.features?.find((f) => f.id === id)?.properties.name || id;
  }

  item(kind, f, words, tag, style) {
    const go = () => { location.hash = `#/rules?kind=${kind}&id=${encodeURIComponent(f.id)}`; };
    return h('li', {}, h('span', { class: `tag ${style}` }, tag), h('span', {}, h('button', { type: 'button', class: 'link', onclick: go }, f.properties.name), ` ${words}`));
  }

  // What began or ended today, and what begins or ends within a day.
  changes() {
    const now = Date.now(), midnight = Math.floor((now + 8 * 3600e3) / DAY_MS) * DAY_MS - 8 * 3600e3;
    const rows = [];
    for (const kind of ['zones', 'closures']) for (const f of this.list(kind)) {
      const from = Date.parse(f.properties.effective_from), until = f.properties.effective_until ? Date.parse(f.properties.effective_until) : Infinity;
      const add = (at, name, style) => rows.push({ at, item: this.item(kind, f, formatMoment(new Date(at).toISOString(), true), text(name), style) });
      if (from >= midnight && from <= now) add(from, 'began', 'error');
      else if (from > now && from < now + DAY_MS) add(from, 'begins', 'warning');
      if (until >= midnight && until <= now) add(until, 'ended', 'good');
      else if (until > now && until < now + DAY_MS) add(until, 'ends', 'good');
    }
    for (const [i, answer] of (this.data.approved || []).entries()) for (const f of answer.features || []) {
      const at = Date.parse(f.life.approved_at);
      if (at >= midnight) rows.push({ at, item: this.item(['zones', 'closures'][i], f, `${f.life.document_no} ${formatMoment(f.life.approved_at, true)}`, text('act_approve'), 'info') });
    }
    const latest = Date.parse(this.network().as_of);
    const known = this.news.length || latest < midnight ? this.news : [{ version: this.network().rules_version, at: latest }];
    const news = known.map((n) => h('li', {}, h('span', { class: 'tag info' }, text('published')), h('span', {}, `${text('version_n', { n: n.version })} ${formatMoment(new Date(n.at).toISOString(), true)} ${(n.changed || []).slice(0, 5)
      .map((c) => `${this.named(c)} ${text(`act_${c.act}`, {}, c.act)}`).join(', ')}`)));
    return h('section', { class: 'card', 'aria-labelledby': 'changes-title' }, h('h3', { id: 'changes-title' }, text('changes')),
      rows.length + news.length ? h('ul', { class: 'facts', id: 'changes' }, news, rows.sort((a, b) => a.at - b.at).map((r) => r.item)) : h('p', { class: 'hint' }, text('changes_none')));
  }

  waiting() {
    if (!this.data.waiting) return null;
    const kinds = ['zones', 'closures', 'checkpoints'];
    const items = this.data.waiting.flatMap((answer, i) => (answer.features || []).map((f) => this.item(kinds[i], f, '', text('state_submitted'), 'warning')));
    return h('section', { class: 'card' }, h('h3', {}, text('waiting')), items.length ? h('ul', { class: 'facts' }, items) : h('p', { class: 'hint' }, text('waiting_none')));
  }

  plans() {
    const { broken, active } = this.data;
    if (!broken) return h('p', { class: 'hint' }, text('screen_key'));
    if (broken instanceof Error) return h('p', { class: 'bad' }, broken.message);
    const line = (p, tag, style) => h('li', {}, h('span', { class: `tag ${style}` }, text(tag)),
      h('span', {}, h('button', { type: 'button', class: 'link', onclick: () => this.showPlan(p) }, `${p.holder || p.company || p.id.slice(0, 8)} · ${formatMoment(p.depart_at)}`),
        ` ${text(p.vehicle_class || '', {}, p.vehicle_class || '')} · ${formatKm(p.distance_m)} `,
        style === 'error' ? [h('button', { type: 'button', class: 'link', onclick: () => this.replan(p) }, text('replan')), ' '] : null,
        h('span', { class: 'files' }, ['pdf', 'gpx', 'kml'].map((form) => planFile(p.id, form, { class: 'link', 'aria-label': `${text('save_as', { form: form.toUpperCase() })} ${formatMoment(p.depart_at)}` })))));
    const items = [...broken.plans.map((p) => line(p, 'broken', 'error')), ...(active.plans || []).slice(0, 10).map((p) => line(p, 'plan_active', 'good'))];
    return h('section', { class: 'card' }, h('h3', {}, text('plans_kept')), items.length ? h('ul', { class: 'facts', id: 'plans' }, items) : h('p', { class: 'hint' }, text('plans_none')));
  }

  async attempt(work) {
    try {
      return await work();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      toast(failure.message, 'bad');
      return null;
    }
  }

  async showPlan(p) {
    const stored = await this.attempt(() => getJson(`/v1/plans/${encodeURIComponent(p.id)}`));
    const plan = stored?.answer?.plans?.[0];
    if (plan?.legs?.[0]?.geometry?.coordinates) this.map.showPlan(plan, { fit: true });
    else if (stored) toast(text('plan_no_shape'), 'warn');
  }

  async replan(p) {
    const answer = await this.attempt(() => postJson(`/v1/plans/${encodeURIComponent(p.id)}/replan`, {}));
    if (!answer) return;
    toast(text('replanned'));
    this.load();
  }

  counties() {
    return countySwitches(this.data.counties, { attempt: (work) => this.attempt(work), changed: () => this.load(), edit: (id) => this.editCounty(id) });
  }

  // Takes the panel until it is stored or given up.
  async editCounty(id) {
    const parts = await this.attempt(() => countyEditorParts(id));
    if (!parts) return;
    const page = h('div', { class: 'stack' });
    const enterprises = (this.map.data.facilities?.features || []).filter((f) => f.properties.kind === 'enterprise').map((f) => ({ id: f.id, name: f.properties.name }));
    this.editor = new CountyEditor(page, { map: this.map, ...parts, county: session.who?.county, types: this.types(), enterprises, done: () => { this.editor = null; this.draw(); this.load(); } });
    fill(this.root, page);
    $('county-name').focus();
  }

  // What kept plans will bring to a gate: its busiest hour against what it can take.
  loadOf({ capacity_h: capacity, passages, busiest }, hours) {
    if (!busiest) return h('td', {}, text('load_none'));
    const share = capacity ? busiest.passages / capacity : 0;
    const style = share > 1 ? 'over' : share >= NEAR ? 'near' : '';
    return h('td', { class: 'load' }, h('span', {}, text(capacity ? 'load_of' : 'load_free', { n: busiest.passages, c: capacity, t: formatTime(busiest.from) }),
      share > 1 ? [' ', h('span', { class: 'tag error' }, text('load_over'))] : null),
    capacity ? h('div', { class: `meter ${style}`, 'aria-hidden': 'true' }, h('i', { style: `width: ${Math.min(100, Math.round(share * 100))}%` })) : null,
    h('p', {}, text('load_all', { n: passages, h: hours })));
  }

  gates() {
    const { overview } = this.data, loads = new Map((overview?.gates || []).map((g) => [g.checkpoint, g]));
    const share = (f) => { const g = loads.get(f.id); return g?.busiest ? g.busiest.passages / (g.capacity_h || Infinity) : -1; };
    const gates = [...this.list('checkpoints')].sort((a, b) => share(b) - share(a) || b.properties.open - a.properties.open || (a.properties.name < b.properties.name ? -1 : 1));
    const loaded = overview && !(overview instanceof Error);
    const row = (f) => h('tr', {}, h('td', {}, h('button', { type: 'button', class: 'link', onclick: () => this.map.fly(f.geometry.coordinates) }, f.properties.name),
      h('p', {}, text('two_times', { n: f.properties.normal_s, g: f.properties.green_s }))),
    h('td', {}, h('span', { class: `pill ${f.properties.open ? 'on' : ''}` }, text(f.properties.opens_nothing ? 'opens_nothing' : f.properties.open ? 'open_now' : 'closed_now'))),
    loaded ? (loads.has(f.id) ? this.loadOf(loads.get(f.id), overview.hours) : h('td', {}, text('load_none'))) : null);
    return h('section', { class: 'card', id: 'gates' }, h('h3', {}, text('kind_of_checkpoints')), overview instanceof Error ? h('p', { class: 'bad' }, overview.message) : null,
      loaded ? h('p', { class: 'hint', id: 'gates-load' }, [text('load_note', { n: overview.plans.on_their_way, h: overview.hours }), overview.plans.other_network ? text('load_other', { n: overview.plans.other_network }) : null,
        overview.passages_elsewhere ? text('load_elsewhere', { n: overview.passages_elsewhere }) : null].filter(Boolean).join(' ')) : null,
      h('table', {}, h('thead', {}, h('tr', {}, [text('name'), text('state'), ...(loaded ? [text('load')] : [])].map((name) => h('th', { scope: 'col' }, name)))), h('tbody', {}, gates.map(row))));
  }

  findings() {
    const q = this.data.quality;
    if (!q) return null;
    if (q instanceof Error) return h('p', { class: 'bad' }, q.message);
    const found = (q.database?.findings || []).filter((f) => f.severity !== 'info').slice(0, 20);
    return h('section', { class: 'card' }, h('h3', {}, text('quality')), found.length ? h('ul', { class: 'facts' }, found.map((f) => h('li', {}, h('span', { class: `tag ${f.severity}` }, text(`severity_${f.severity}`)),
      h('span', {}, `${f.name || f.id}: ${language() === 'zh' ? f.zh : f.en}`)))) : h('p', { class: 'hint' }, text('quality_none')));
  }
}
