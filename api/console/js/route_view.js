// Route: the form, the question it makes, the answer on the map and in words, and the link that asks it again.
import { $, debounce, fill, h, toast } from './dom.js';
import { planFile } from './plan_file.js';
import { complete, fromQuery, journeyOf, newQuestion, requestOf, toQuery, variantsOf } from './question.js';
import { answerView, comparisonView, emptyView, explanationView, joined, problemView, waitingView } from './result.js';
import { RouteForm } from './route_form.js';
import { aborted, Latest, planRoute, postJson, Problem, saveFile, session } from './service.js';
import { language, text } from './text.js';

export class RouteView {
  constructor({ map, types, link }) {
    Object.assign(this, { map, link, types });
    this.question = newQuestion();
    this.latest = new Latest();
    this.explaining = new Latest();
    this.outcome = null; // { answer, chosen } or { problem }
    this.form = new RouteForm($('route-form'), this.question, { near: () => map.centre(), types, changed: () => this.changed(), clear: () => this.clear() });
    this.again = debounce(() => this.plan(), 30);
    $('route-form').addEventListener('submit', (event) => { event.preventDefault(); this.plan(); });
    map.onPick = (at, point) => this.picked(at, point);
    map.onDrag = (i, at) => this.form.setCall(i, { at, name: '' });
    map.onDrop = (at) => this.form.addStop({ at, name: '' });
    this.show();
  }

  // ---- from outside ---------------------------------------------------------------------------------------

  read(params) {
    this.question = fromQuery(params);
    this.form.set(this.question);
    this.map.setPins(this.question.calls);
    if (complete(this.question)) this.plan();
  }

  sessionChanged() {
    if (this.outcome) this.show();
  }

  relabel() {
    this.form.draw();
    this.show();
  }

  rulesChanged() {
    if (complete(this.question)) this.plan({ keepView: true });
  }

  enter() {
    this.map.pickable(true);
    this.show(); // another view may have drawn its own
    this.map.showRoute(true);
  }

  leave() {
    this.map.pickable(false);
  }

  // ---- the question ---------------------------------------------------------------------------------------

  changed() {
    this.map.setPins(this.question.calls);
    this.link(toQuery(this.question));
    if (complete(this.question)) this.again();
    else if (this.outcome) {
      this.latest.stop();
      this.outcome = null;
      this.show();
    }
  }

  picked(at) {
    const free = this.question.calls.findIndex((call) => !call);
    if (free >= 0) return this.form.setCall(free, { at, name: '' });
    const put = (label, work) => [label, () => work({ at, name: '' })];
    return this.map.menu(at, [put(text('set_origin'), (c) => this.form.setCall(0, c)), put(text('set_stop'), (c) => this.form.addStop(c)),
      put(text('set_destination'), (c) => this.form.setCall(this.question.calls.length - 1, c))]);
  }

  clear() {
    this.latest.stop();
    this.explaining.stop();
    this.outcome = null;
    this.question = newQuestion();
    this.form.set(this.question);
    this.map.setPins([]);
    this.link(null);
    this.show();
    this.form.boxes[0].input.focus();
  }

  async plan({ keepView = false } = {}) {
    if (!complete(this.question)) {
      const empty = this.form.boxes.find((box) => !box.value);
      empty?.input.focus();
      return;
    }
    const signal = this.latest.start();
    this.explaining.stop();
    const root = $('result');
    root.setAttribute('aria-busy', 'true');
    $('progress').hidden = false;
    if (!this.outcome) fill(root, waitingView());
    try {
      const journey = journeyOf(this.question);
      const answer = await planRoute({ ...requestOf(this.question, journey.rests ? { alternatives: 0 } : {}), ...journey }, signal);
      this.outcome = { answer: joined(answer), chosen: 0, relay: Boolean(answer.relay) };
    } catch (problem) {
      if (aborted(problem)) return;
      if (!(problem instanceof Problem)) throw problem;
      this.outcome = { problem };
    }
    $('progress').hidden = true;
    root.setAttribute('aria-busy', 'false');
    this.show({ fit: !keepView && this.outcome.problem?.document.code !== 'unreachable' });
    if (this.outcome.problem?.document.conflicts) this.cut();
  }

  // ---- the answer -----------------------------------------------------------------------------------------

  show({ fit = false } = {}) {
    const root = $('result');
    const go = (at) => this.map.fly(at);
    const button = (label, work, id) => h('button', { type: 'button', class: 'quiet small', id, onclick: work }, label);
    if (!this.outcome) {
      fill(root, emptyView());
      this.map.showPlan(null);
    } else if (this.outcome.answer) {
      const { answer, chosen } = this.outcome;
      fill(root, answerView(answer, { chosen, choose: (i) => { this.outcome.chosen = i; this.show(); }, show: go,
        tools: [button(text('why_button'), () => this.explain(), 'why'), button(text('compare'), () => this.compare(), 'compare'),
          button(text('copy_link'), () => this.copyLink(), 'copy-link'), button(text('download'), () => this.download(), 'download'), ...this.papers(answer)] }),
      h('section', { id: 'result-more', 'aria-live': 'polite' }));
      this.map.showPlan(answer.plans[chosen], { fit, relay: answer.relay, others: answer.plans.filter((_, i) => i !== chosen) });
    } else {
      const d = this.outcome.problem.document;
      fill(root, problemView(this.outcome.problem, { show: go, tools: d.conflicts ? [button(text('compare'), () => this.compare(), 'compare')] : [] }),
        h('section', { id: 'result-more', 'aria-live': 'polite' }));
      this.map.showPlan(d.relaxed_plan || null, { relaxed: true, fit, conflicts: d.conflicts || [] });
    }
  }

  // A plan is kept on the service for those with a key; only a kept plan has a printed sheet.
  papers(answer) {
    if (!session.who) return [];
    if (!this.outcome.kept) return [h('button', { type: 'button', class: 'quiet small', id: 'keep', disabled: this.outcome.relay, title: this.outcome.relay ? text('keep_not') : '', onclick: () => this.keep() }, text('keep'))];
    return ['pdf', 'png', 'svg', 'gpx', 'kml', 'geojson'].map((form) => planFile(answer.decision_id, form, { class: 'quiet small', id: `sheet-${form}` }));
  }

  // With the rests, and the stops in the order, of the plan that is shown.
  keep() {
    return this.ask(async (signal) => {
      const shown = this.outcome.answer;
      const request = { ...requestOf(this.question, { alternatives: 0 }), ...journeyOf(this.question), store: true, optimise_order: undefined, relay: undefined };
      if (shown.order) request.stops = shown.order.sequence.map((i) => request.stops[i]);
      const answer = await postJson('/v1/route', request, { signal });
      this.outcome = { answer, chosen: 0, kept: true };
      this.show();
      toast(text('kept', { id: answer.decision_id.slice(0, 12) }));
      return [];
    });
  }

  async ask(work) {
    const root = $('result-more');
    const signal = this.explaining.start();
    fill(root, h('p', { class: 'hint busy', role: 'status' }, text('working')));
    try {
      const content = await work(signal);
      if (signal.aborted) return;
      fill($('result-more'), content);
      if (content.length !== 0) $('result-more').scrollIntoView({ block: 'nearest' });
    } catch (failure) {
      if (aborted(failure)) return;
      if (!(failure instanceof Problem)) throw failure;
      fill($('result-more'), h('p', { class: 'bad', role: 'alert' }, failure.message));
    }
  }

  explain() {
    return this.ask(async (signal) => {
      const answer = await postJson('/v1/explain', requestOf(this.question, { steps: false, alternatives: 0 }), { signal });
      this.map.showCompared(answer.detour?.rules.length ? answer.detour.plan : null);
      return explanationView(answer, (at) => this.map.fly(at));
    });
  }

  // Where the vehicle is held up: closed roads between what it reaches and what reaches the destination.
  cut() {
    return this.ask(async (signal) => {
      const answer = await postJson('/v1/explain', requestOf(this.question, { steps: false, geometry: 'none', alternatives: 0 }), { signal });
      if (!answer.cut?.features?.length) return [];
      this.map.showCut(answer.cut);
      return [h('p', { class: 'hint' }, text('cut_note', { n: answer.cut.count, given: answer.cut.given }))];
    });
  }

  compare(by = 'vehicles') {
    const types = this.types().map((type) => ({ code: type.code, name: language() === 'zh' ? type.name_zh : type.name_en }));
    const question = requestOf(this.question, { steps: false, geometry: 'none', alternatives: 0 });
    const variants = variantsOf(this.question, by, types, text);
    const draw = async (i) => {
      const { name, ...own } = variants[i];
      const answer = await planRoute({ ...question, ...own, geometry: 'geojson' });
      this.map.showCompared(answer.plans[0]);
    };
    const tab = (name) => h('button', { type: 'button', id: `by-${name}`, 'aria-pressed': String(name === by), onclick: () => this.compare(name) }, text(`by_${name}`));
    return this.ask(async (signal) => [h('div', { class: 'segments', role: 'group', 'aria-label': text('compare') }, ['vehicles', 'credentials'].map(tab)),
      comparisonView(await postJson('/v1/compare', { question, variants }, { signal }), { title: text('compare_title'), show: (at) => this.map.fly(at),
        draw: (i) => draw(i).catch((failure) => toast(failure.message, 'bad')) })]);
  }

  async copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      toast(text('link_copied'));
    } catch {
      toast(text('link_in_bar'), 'warn');
    }
  }

  download() {
    const { answer, chosen } = this.outcome;
    const plan = answer.plans[chosen];
    const features = plan.legs.map((leg, i) => ({ type: 'Feature', geometry: leg.geometry, properties: { leg: i + 1, kind: leg.kind, depart_at: leg.depart_at, arrive_at: leg.arrive_at,
      distance_m: leg.distance_m } }));
    const blob = new Blob([JSON.stringify({ type: 'FeatureCollection', features, digest: plan.digest, rules_version: answer.rules_version })], { type: 'application/geo+json' });
    saveFile(blob, `baochang-${answer.decision_id.slice(0, 12)}.geojson`);
  }
}
