// One zone, closure or checkpoint: what it says, how it came to be, and what whoever is signed in may do with it.
import { ask, fill, h, toast } from './dom.js';
import { getJson, postJson, Problem, remove, session } from './service.js';
import { formatMoment, has, language, text } from './text.js';

const may = {
  draw: (kind) => (kind === 'closures' ? session.may('planner', 'officer') : session.may('planner')),
  approve: () => session.may('approver'),
};

const inWords = (value) => (value === null || value === undefined || value === '' ? null : typeof value === 'object' ? JSON.stringify(value) : String(value));

function subjectWords(s) {
  if (!s) return '';
  const parts = [];
  for (const name of ['hazmat', 'livestock', 'lorry']) if (s[name]) parts.push(text(`subject_${name}`));
  if (s.gross_t_min) parts.push(text('subject_from_t', { t: s.gross_t_min }));
  if (s.gross_t_max) parts.push(text('subject_to_t', { t: s.gross_t_max }));
  if (s.axles_min) parts.push(text('subject_axles', { n: s.axles_min }));
  if (s.emissions) parts.push(text('subject_emissions', { list: s.emissions.map((e) => text(`emission_${e}`, {}, text('emission_n', { n: e }))).join('/') }));
  if (s.plate_prefixes) parts.push(s.plate_prefixes.join('/'));
  return parts.join(' · ');
}

export function ruleWords(rule) {
  return [text(rule.rule), subjectWords(rule.subject), rule.open_classes?.length ? text('open_classes', { list: rule.open_classes.map((c) => text(`class_${c}`, {}, c)).join('/') }) : '',
    rule.transit === 'deny' ? text('transit_deny') : '', rule.slow_factor > 1 ? text('slow', { x: rule.slow_factor }) : '', rule.windows ? hoursWords(rule.windows) : ''].filter(Boolean).join(' · ');
}

export function hoursWords(windows) {
  return (windows || []).map((w) => [w.weekdays ? w.weekdays.map((d) => text(`day_${d}`)).join('') : '', `${w.from || '00:00'}–${w.until || '24:00'}`,
    w.plate_tails ? text('plate_tails', { list: w.plate_tails.join('/') }) : ''].filter(Boolean).join(' ')).join('; ');
}

function facts(kind, f, counties, names) {
  const p = f.properties;
  const rows = [];
  const row = (name, value) => { if (inWords(value)) rows.push(h('dt', {}, text(name)), h('dd', {}, inWords(value))); };
  row('state', text(`state_${f.life.state}`));
  if (kind === 'zones') {
    row('class', p.class);
    (p.rules || []).forEach((rule) => row('rule', ruleWords(rule)));
  }
  if (kind === 'closures') {
    row('action', text(`action_${p.action}`));
    if (p.limit_kind) row('limit_of', `${text(`limit_${p.limit_kind}`, {}, p.limit_kind)} ${p.limit_value}`);
    else if (p.limit_value) row('limit_of', `${p.limit_value} km/h`);
    row('cause', p.cause);
    row('where', [p.route, [p.from_station, p.to_station].filter(Boolean).join('–')].filter(Boolean).join(' '));
    row('subject', subjectWords(p.subject));
  }
  if (kind === 'checkpoints') {
    row('kind_of', p.kind && text(`checkpoint_${p.kind}`, {}, p.kind));
    row('stands', p.placement && text(`stands_${p.placement}`, {}, p.placement));
    row('road', p.road);
    row('gates_of', (p.gates || []).map((g) => `${names.zones.get(g.zone) || g.zone}（${text(`gate_${g.direction || 'both'}_only`)}）`).join(', '));
    row('credentials_asked', (p.requirements || []).map((group) => group.map((r) => `${names.types.get(r.type) || r.type}${r.max_age_s ? ` ≤ ${r.max_age_s / 3600} h` : ''}`).join(' + ')).join(' / '));
    row('green_channel', (p.green_credentials || []).map((code) => names.types.get(code) || code).join(', '));
    row('inspection', text('opening', { n: p.normal_s, g: p.green_s }));
    row('capacity', p.capacity_h && text('per_hour', { n: p.capacity_h }));
    row('opening_hours', hoursWords(p.opening));
  }
  row('from', formatMoment(p.from));
  row('until', p.until ? formatMoment(p.until) : text('until_further'));
  row('hours', hoursWords(p.windows));
  const county = counties.find((c) => c.code === p.jurisdiction);
  row('county', county ? (language() === 'zh' ? county.name_zh : county.name_en || county.name_zh) : p.jurisdiction);
  row('authority', p.authority);
  row('approved_by', f.life.approving_authority);
  row('document', f.life.document_no);
  row('note', p.note);
  return h('dl', { class: 'facts-list' }, rows);
}

function acts(life) {
  if (!life.acts?.length) return null;
  return [h('h3', {}, text('acts')), h('ol', { class: 'acts' }, [...life.acts].reverse().map((a) => h('li', {}, h('strong', {}, text(`act_${a.act}`)), ` ${a.holder} · ${formatMoment(a.at)}`,
    a.authority || a.document_no ? h('p', {}, [a.authority, a.document_no].filter(Boolean).join(' ')) : null, a.opinion ? h('p', {}, a.opinion) : null)))];
}

export class RuleDetail {
  // names: of zones and of credential types by id; back(), edit(feature), changed(): something was done
  constructor(root, { map, kind, id, counties, names, back, edit, changed }) {
    Object.assign(this, { root, map, kind, id, counties, names, back, edit, changed });
  }

  path(act = '') { return `/v1/${this.kind}/${encodeURIComponent(this.id)}${act}`; }

  async show() {
    fill(this.root, h('p', { class: 'hint busy', role: 'status' }, text('working')));
    try {
      this.feature = await getJson(this.path());
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      return void fill(this.root, this.backButton(), h('p', { class: 'bad', role: 'alert' }, failure.message));
    }
    const f = this.feature;
    const title = h('h2', { tabIndex: -1 }, f.properties.name);
    fill(this.root, this.backButton(), title, facts(this.kind, f, this.counties, this.names), h('div', { class: 'tools' }, this.tools()), h('section', { class: 'stack', id: 'acts' }, acts(f.life)), h('section', { class: 'stack', id: 'history' }));
    this.map.set('chosen', { type: 'FeatureCollection', features: f.geometry ? [f] : [] });
    if (f.geometry) this.map.fitGeometry(f.geometry);
    title.focus({ preventScroll: true });
  }

  backButton() { return h('button', { type: 'button', class: 'link back', id: 'back', onclick: this.back }, text('back_to_list')); }

  tools() {
    const state = this.feature.life.state;
    const tool = (name, work, style = 'quiet small') => h('button', { type: 'button', class: style, id: `act-${name}`, onclick: work }, text(`do_${name}`));
    const words = { opinion: () => h('textarea', { rows: 3, maxLength: 2000 }), text: (props) => h('input', { autocomplete: 'off', ...props }) };
    const act = (name, fields, options = {}) => async () => {
      const made = fields();
      const done = await ask(text(`do_${name}`), made, { say: text(`do_${name}`), cancel: text('cancel'), note: this.feature.properties.name, ...options,
        settle: (values) => this.act(name, Object.fromEntries(Object.entries(values).filter(([, v]) => v))) });
      if (done) await this.changed();
    };
    const opinion = () => [['opinion', text('opinion'), words.opinion()]];
    const approval = () => [['authority', text('approving_authority'), words.text({ required: true, id: 'approve-authority' })], ['document_no', text('document'), words.text({ required: true, id: 'approve-document' })], ...opinion()];
    const draft = state === 'draft' || state === 'rejected';
    return [
      may.draw(this.kind) && draft && this.kind !== 'closures' ? tool('edit', () => this.edit(this.feature)) : null,
      may.draw(this.kind) && state === 'draft' ? tool('submit', act('submit', opinion)) : null,
      may.draw(this.kind) && draft ? tool('delete', () => this.erase()) : null,
      may.approve() && state === 'submitted' ? tool('approve', act('approve', approval)) : null,
      may.approve() && state === 'submitted' ? tool('reject', act('reject', opinion, { danger: true })) : null,
      may.approve() && (state === 'approved' || state === 'active') ? tool('lift', act('lift', opinion, { danger: true })) : null,
      tool('history', () => this.history()),
    ].filter(Boolean);
  }

  async act(name, body) {
    const answer = await postJson(this.path(`/${name}`), body, { headers: { 'If-Match': this.feature.etag } });
    toast(text('act_done', { act: text(`act_${name}`), name: this.feature.properties.name }));
    return answer;
  }

  async erase() {
    const done = await ask(text('do_delete'), [], { say: text('do_delete'), cancel: text('cancel'), note: this.feature.properties.name, danger: true,
      settle: () => remove(this.path(), { headers: { 'If-Match': this.feature.etag } }) });
    if (!done) return;
    toast(text('act_done', { act: text('act_delete'), name: this.feature.properties.name }));
    this.back();
    await this.changed();
  }

  async history() {
    const root = this.root.querySelector('#history');
    fill(root, h('p', { class: 'hint busy' }, text('working')));
    try {
      const { versions } = await getJson(this.path('/history'));
      const changes = (now, before) => (before ? Object.keys(now).filter((k) => JSON.stringify(now[k]) !== JSON.stringify(before[k])).map((k) => text(k, {}, k)).join(' · ') : '');
      fill(root, h('h3', {}, text('do_history')), h('ol', { class: 'acts' }, versions.map((v, i) => h('li', {}, h('strong', {}, text('version_n', { n: v.version_from })),
        ` ${has(`state_${v.state}`) ? text(`state_${v.state}`) : v.state} · ${formatMoment(v.from)}`, h('p', {}, changes(v.properties, versions[i + 1]?.properties)),
        v.geometry ? h('button', { type: 'button', class: 'link', onclick: () => this.map.set('chosen', { type: 'FeatureCollection', features: [{ type: 'Feature', geometry: v.geometry, properties: {} }] }) }, text('show_on_map')) : null))));
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      fill(root, h('p', { class: 'bad' }, failure.message));
    }
  }
}
