// Normal and emergency (平急转换): the prepared plans of counties, drilled without publishing, switched on and off by order.
import { ask, h, toast } from './dom.js';
import { postJson, remove, session } from './service.js';
import { formatDuration, formatMoment, text } from './text.js';

const STYLES = { unaffected: 'good', eased: 'good', opened: 'good', detour: 'warning', broken: 'error', impossible: 'error' };
const took = (answer) => (answer?.duration_s === undefined ? text('no_route') : formatDuration(answer.duration_s));

// What a drill found: every demand now and then, and what an approver would hear of each member.
function drilled({ plan, members, demands }) {
  const names = new Map((plan?.members || []).map((m) => [m.id, m.name || m.id]));
  const found = (members || []).flatMap((m) => m.findings.filter((f) => f.severity !== 'info').map((f) => ({ ...f, member: names.get(m.id) || m.id })));
  return [h('ul', { class: 'facts', id: 'drill' }, (demands || []).map((d) => h('li', {}, h('span', { class: `tag ${STYLES[d.verdict] || 'info'}` }, text(`verdict_${d.verdict}`, {}, d.verdict)),
    h('span', {}, text('drill_line', { name: d.name, now: took(d.now), then: took(d.then) }))))),
  demands?.length ? null : h('p', { class: 'hint' }, text('no_demands')),
  found.length ? h('ul', { class: 'facts' }, found.map((f) => h('li', {}, h('span', { class: `tag ${f.severity}` }, text(`severity_${f.severity}`)), h('span', {}, `${f.member}: ${f.message}`)))) : null,
  h('p', { class: 'hint' }, text('drill_note'))];
}

// answer: of /v1/county-plans, a Problem, or nothing; attempt(work) shows what fails; changed(): something was done; edit(id or null):
// one is to be written
export function countySwitches(answer, { attempt, changed, edit }) {
  if (!answer) return null;
  if (answer instanceof Error) return h('p', { class: 'bad' }, answer.message);
  if (!answer.plans.length && !session.may('planner')) return null;
  const act = (plan, name) => async () => {
    const words = [['authority', text('approving_authority'), h('input', { id: 'switch-authority', required: true })], ['document_no', text('document'), h('input', { id: 'switch-document', required: true })]];
    const done = await ask(text(`do_${name}`), words, { say: text(`do_${name}`), cancel: text('cancel'), note: plan.name, danger: name === 'activate',
      settle: (values) => postJson(`/v1/county-plans/${encodeURIComponent(plan.id)}/${name}`, values) });
    if (!done) return;
    toast(text('switched', { name: plan.name }));
    changed();
  };
  // The way of a plan to its approval. Approving takes a document, the others an opinion at most.
  const step = (plan, name, send) => async () => {
    const approving = name === 'approve';
    const words = [...(approving ? [['authority', text('approving_authority'), h('input', { id: 'approve-authority', required: true })], ['document_no', text('document'), h('input', { id: 'approve-document', required: true })]] : []),
      ...(name === 'delete' ? [] : [['opinion', text('opinion'), h('textarea', { rows: 3, maxLength: 2000 })]])];
    const done = await ask(text(`do_${name}`), words, { say: text(`do_${name}`), cancel: text('cancel'), note: plan.name, danger: name === 'reject' || name === 'delete',
      settle: (values) => (send || ((v) => postJson(`/v1/county-plans/${encodeURIComponent(plan.id)}/${name}`, v)))(Object.fromEntries(Object.entries(values).filter(([, v]) => v))).then(() => true) });
    if (!done) return;
    toast(text('act_done', { act: text(`act_${name}`), name: plan.name }));
    changed();
  };
  const drill = async (plan, button) => {
    button.disabled = true;
    button.classList.add('busy');
    const found = await attempt(() => postJson(`/v1/county-plans/${encodeURIComponent(plan.id)}/drill`, {}));
    button.disabled = false;
    button.classList.remove('busy');
    if (!found) return;
    await ask(text('drill_of', { name: plan.name }), [], { say: text('close'), body: drilled(found) });
    changed();
  };
  const button = (name, label, work) => h('button', { type: 'button', class: 'quiet small', id: name, onclick: work }, label);
  const part = (m) => `${text(`member_${m.kind}`)} ${m.name || m.id}`;
  const one = (plan) => {
    const { state } = plan, prepared = state === 'prepared', active = state === 'active', id = (name) => `${name}-${plan.id}`;
    return h('div', { class: 'stack plan' },
      h('div', { class: 'call' }, h('span', { class: 'search' }, plan.name), h('span', { class: `pill ${active ? 'wait' : prepared ? 'on' : ''}` }, text(active ? 'in_emergency' : `plan_${plan.state}`, {}, plan.state))),
      plan.members?.length ? h('p', { class: 'hint' }, plan.members.slice(0, 6).map(part).join(' · ')) : null,
      plan.drilled_at ? h('p', { class: 'hint' }, text('drilled_at', { t: formatMoment(plan.drilled_at) })) : null,
      h('div', { class: 'tools' }, session.may('planner', 'approver') && prepared ? button(id('drill'), text('do_drill'), (e) => drill(plan, e.currentTarget)) : null,
        session.may('approver') && prepared ? button(id('activate'), text('do_activate'), act(plan, 'activate')) : null,
        session.may('approver') && active ? button(id('stand-down'), text('do_stand-down'), act(plan, 'stand-down')) : null,
        session.may('planner') && ['draft', 'rejected', 'prepared'].includes(state) ? button(id('edit'), text('do_edit'), () => edit(plan.id)) : null,
        session.may('planner') && state === 'draft' ? [button(id('submit'), text('do_submit'), step(plan, 'submit')),
          button(id('delete'), text('do_delete'), step(plan, 'delete', () => remove(`/v1/county-plans/${encodeURIComponent(plan.id)}`)))] : null,
        session.may('approver') && state === 'submitted' ? [button(id('approve'), text('do_approve'), step(plan, 'approve')), button(id('reject'), text('do_reject'), step(plan, 'reject'))] : null));
  };
  return h('section', { class: 'card', id: 'county-plans' }, h('h3', {}, text('county_plans')), answer.plans.map(one),
    session.may('planner') ? h('div', { class: 'tools' }, button('new-county-plan', text('new_county_plan'), () => edit(null))) : null);
}
