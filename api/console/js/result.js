// The answer in words: totals, legs with gates, zones and limits, or the reason why there is none.
import { h } from './dom.js';
import { text, formatKm, formatDuration, formatTime } from './text.js';

const figure = (value, label) => h('div', {}, h('b', {}, value), h('span', {}, label));
const fact = (kind, label, content, go) => h('li', {}, h('span', { class: `tag ${kind}` }, label),
  go ? h('button', { type: 'button', class: 'link', onclick: go }, content) : h('span', {}, content));

const UNITS = { height: 'm', width: 'm', length: 'm', gross_weight: 't', axle_load: 't', bridge: 't', axles: '' };

function limitLine(limit) {
  const unit = UNITS[limit.kind] ?? '';
  return text('limit_line', { kind: limit.name || limit.kind, limit: `${limit.limit} ${unit}`, vehicle: `${limit.vehicle} ${unit}`, road: limit.road || '' });
}

function gateLine(gate) {
  const line = text(gate.direction === 'enter' ? 'gate_enter' : 'gate_exit', { name: gate.name, time: formatTime(gate.at), s: gate.inspection_s });
  return [line, gate.wait_s ? text('gate_wait', { t: formatDuration(gate.wait_s) }) : '', gate.green_channel ? text('green_channel') : ''].filter(Boolean).join(' · ');
}

function legItem(leg, number, names, show) {
  const facts = [
    ...(leg.gates || []).map((gate) => fact('gate', text('tag_gate'), gateLine(gate), gate.location && (() => show(gate.location)))),
    ...(leg.zones || []).map((zone) => fact('zone', text('tag_zone'), `${zone.name}（${text(zone.rule)}）${zone.why || ''}`)),
    ...(leg.limits || []).slice(0, 6).map((limit) => fact('limit', text('tag_limit'), limitLine(limit))),
  ];
  const steps = leg.steps?.length ? h('details', { class: 'steps' }, h('summary', {}, text('steps', { n: leg.steps.length })),
    h('ol', {}, leg.steps.map((step) => h('li', {}, h('button', { type: 'button', class: 'link', onclick: () => step.maneuver?.location && show(step.maneuver.location) }, step.instruction),
      h('small', {}, formatKm(step.distance_m)))))) : null;
  return h('li', {},
    h('div', { class: 'head' }, h('strong', {}, names), h('span', {}, `${formatTime(leg.depart_at)}–${formatTime(leg.arrive_at)}`)),
    h('div', { class: 'sub' }, h('span', {}, `${text('leg', { n: number })} · ${text(`kind_${leg.kind}`)}`), h('span', {}, `${formatKm(leg.distance_m)} · ${formatDuration(leg.duration_s)}`)),
    facts.length ? h('ul', { class: 'facts' }, facts) : null, steps);
}

// The two halves of a relay as one journey: what is drawn, listed and added up. Waypoints of the second follow the first's.
export function joined(answer) {
  if (!answer.relay) return answer;
  const [outer, inner] = answer.plans, first = outer.waypoints.length;
  const both = (name) => [...(outer[name] || []), ...(inner[name] || [])];
  const sum = (name) => (outer[name] || 0) + (inner[name] || 0);
  const { duration_s, distance_m, toll_cny } = answer.relay;
  const plan = { duration_s, distance_m, toll_cny, drive_s: sum('drive_s'), wait_s: sum('wait_s'), issuable: outer.issuable && inner.issuable, waypoints: both('waypoints'), warnings: both('warnings'),
    rests: both('rests'), legs: [...outer.legs, ...inner.legs.map((leg) => ({ ...leg, from: leg.from + first, to: leg.to + first }))] };
  return { ...answer, plans: [plan] };
}

const restLine = (rest) => text('rest_line', { name: rest.name || '', from: formatTime(rest.at), t: formatDuration(rest.rest_s) });

function relayView(relay, show) {
  if (!relay) return null;
  return h('section', { class: 'card', id: 'relay' }, h('h3', {}, text('relay_title')), h('p', { class: 'hint' }, text('relay_why', { why: relay.cause })),
    h('p', {}, h('button', { type: 'button', class: 'link', onclick: () => show(relay.location) }, relay.name || relay.station), ' ',
      text('relay_line', { arrive: formatTime(relay.arrive_at), depart: formatTime(relay.depart_at), t: formatDuration(relay.hand_over_s) })));
}

// Where a loop ends is where it began, and is called so.
function calledName(waypoint, plan) {
  const first = plan.waypoints[0];
  const home = waypoint && !waypoint.name && waypoint.snapped?.join() === first.snapped?.join();
  return waypoint?.name || (home && first.name) || waypoint?.road || '';
}

function tabs(answer, chosen, choose) {
  if (answer.plans.length < 2) return null;
  return h('div', { class: 'segments', role: 'group', 'aria-label': text('alternatives') }, answer.plans.map((plan, i) => h('button', { type: 'button', 'aria-pressed': String(i === chosen),
    onclick: () => choose(i) }, i === 0 ? text('best') : text('alternative_n', { n: i }), h('small', {}, formatDuration(plan.duration_s)), h('small', {}, formatKm(plan.distance_m)))));
}

// options: chosen plan, choose(i), show(location), tools: buttons beneath the figures
export function answerView(answer, { chosen = 0, choose, show, tools = [] }) {
  const plan = answer.plans[chosen];
  const moved = plan.waypoints.filter((w) => w.distance_m >= 50 || w.moved);
  const leg = (item, i) => legItem(item, i + 1, [calledName(plan.waypoints[item.from], plan), calledName(plan.waypoints[item.to], plan)].filter(Boolean).join(' → '), show);
  const notes = [...moved.map((w) => fact('warn', text('tag_warn'), text('snapped', { name: calledName(w, plan), m: Math.round(w.distance_m), road: w.road }))),
    ...(plan.warnings || []).map((warning) => fact('warn', text('tag_warn'), warning.text))];
  return [tabs(answer, chosen, choose),
    h('div', { class: 'sum' }, figure(formatKm(plan.distance_m), text('distance')), figure(formatDuration(plan.duration_s), text('duration')),
      figure(text('yuan', { v: (plan.toll_cny || 0).toFixed(0) }), text('tolls'))),
    h('p', { class: 'hint' }, [text('drive_part', { t: formatDuration(plan.drive_s) }), plan.wait_s ? text('wait_part', { t: formatDuration(plan.wait_s) }) : '',
      text(plan.issuable ? 'issuable' : 'not_issuable')].filter(Boolean).join(' · ')),
    h('div', { class: 'tools' }, tools),
    relayView(answer.relay, show),
    plan.rests?.length ? h('ul', { class: 'facts', id: 'rests-planned' }, plan.rests.map((rest) => fact('rest', text('tag_rest'), restLine(rest), () => show(plan.waypoints[rest.waypoint].snapped)))) : null,
    h('ol', { class: 'legs' }, plan.legs.map(leg)),
    notes.length ? h('ul', { class: 'facts' }, notes) : null,
    h('p', { class: 'versions' }, text('versions', { network: String(answer.network_version).slice(0, 12), rules: answer.rules_version }))];
}

export function problemView(problem, { show, tools = [] } = {}) {
  const d = problem.document;
  return [h('div', { class: 'problem', role: 'alert' }, h('h3', {}, d.title || text(d.code === 'unreachable' ? 'not_planned' : 'no_route')),
    d.detail && d.detail !== d.title ? h('p', {}, d.detail) : null,
    d.conflicts?.length ? [h('strong', {}, text('conflicts')), h('ol', { class: 'conflicts' }, d.conflicts.map((c) => h('li', {},
      h('button', { type: 'button', class: 'link', disabled: !c.location, onclick: () => show?.(c.location) }, c.name || c.road || text('unnamed_rule')), c.needed ? h('p', {}, c.needed) : null)))] : null,
    d.relaxed_plan ? h('p', { class: 'hint' }, text('relaxed')) : null,
    h('div', { class: 'tools' }, tools))];
}

export const emptyView = () => [h('p', { class: 'empty' }, text('empty'))];
export const waitingView = () => [h('div', { class: 'skeleton', role: 'status' }, h('span', { class: 'sr' }, text('planning')), h('i'), h('i'), h('i'))];

// A figure and, beneath it, how much more or less it is than the first's, where that shows.
function figureOf(variant, name, format, shows) {
  const more = variant.difference?.[name] || 0;
  return h('td', {}, format(variant[name]), Math.abs(more) >= shows ? h('p', {}, (more < 0 ? '−' : '+') + format(Math.abs(more))) : null);
}

// The rows of /v1/compare. `draw(i)` shows a variant's way; the first is what the others are held against.
export function comparisonView(answer, { title, draw, show }) {
  const stop = (found, name) => (found ? h('p', {}, text(name), ' ', found.location ? h('button', { type: 'button', class: 'link', onclick: () => show(found.location) }, found.message) : found.message) : null);
  const row = (v, i) => h('tr', {}, h('th', { scope: 'row' }, v.code ? v.name : h('button', { type: 'button', class: 'link', onclick: () => draw(i) }, v.name),
    stop(v.first_stopped_by, 'opens_to_it'), stop(v.stopped_by, 'stops_it')),
  v.code ? h('td', { colSpan: 3, class: 'bad' }, v.cause) : [figureOf(v, 'distance_m', formatKm, 50), figureOf(v, 'duration_s', formatDuration, 30), figureOf(v, 'toll_cny', (yuan) => text('yuan', { v: yuan.toFixed(0) }), 0.5)]);
  return h('table', { class: 'compare' }, h('caption', {}, title),
    h('thead', {}, h('tr', {}, ['variant', 'distance', 'duration', 'tolls'].map((name) => h('th', { scope: 'col' }, text(name))))), h('tbody', {}, answer.variants.map(row)));
}

// What each rule costs, of /v1/explain.
export function explanationView(answer, show) {
  const detour = answer.detour;
  if (!detour) return [h('p', { class: 'hint' }, answer.summary)];
  return [h('h3', {}, text('why_longer')), h('p', { class: 'hint' }, answer.summary),
    h('ul', { class: 'facts' }, detour.rules.map((r) => {
      const rule = r.rule[0];
      return fact('zone', text(`effect_${r.effect}`), r.text || rule.name, rule.location && (() => show(rule.location)));
    }))];
}
